import type { Endpoint, Exchange } from '@gatewright/kernel'

/**
 * The endpoints that an exchange should go to: those that it has not tried yet, or all of them once
 * it has tried every one. The array itself is returned on a first try, so only retries allocate.
 */
export function candidates(
  available: readonly Endpoint[],
  { attempts }: Pick<Exchange, 'attempts'>,
): readonly Endpoint[] {
  if (attempts === undefined || attempts.length === 0) return available
  const untried = available.filter(
    (endpoint) => !attempts.some((attempt) => attempt.endpoint === endpoint),
  )
  return untried.length === 0 ? available : untried
}
