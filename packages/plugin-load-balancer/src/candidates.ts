import type { Endpoint, Exchange } from '@gatewright/kernel'

/** What a strategy asks of an exchange. */
type Tried = Pick<Exchange, 'attempts'>

/**
 * The endpoints that an exchange should go to: those that it has not tried yet, or all of them once
 * it has tried every one. The array itself is returned on a first try, so only retries allocate.
 */
export function candidates(available: readonly Endpoint[], exchange: Tried): readonly Endpoint[] {
  const { attempts } = exchange
  if (attempts === undefined || attempts.length === 0) return available
  const untried = available.filter((endpoint) => !hasTried(exchange, endpoint))
  return untried.length === 0 ? available : untried
}

/** True if one of the exchange's attempts was at the endpoint. */
export function hasTried({ attempts }: Tried, endpoint: Endpoint): boolean {
  if (attempts === undefined) return false
  for (const attempt of attempts) if (attempt.endpoint === endpoint) return true
  return false
}
