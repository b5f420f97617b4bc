import { errors } from './errors.ts'
import type { RateLimitOptions } from './options.ts'

/**
 * Throws GW_RATE_LIMIT_BURST, GW_RATE_LIMIT_PERIOD and GW_RATE_LIMIT_COST for amounts that would have no effect, or
 * another one than they look like.
 */
export function checkAmounts(
  options: Pick<RateLimitOptions, 'algorithm' | 'rate' | 'burst' | 'period' | 'cost'>,
): void {
  const { algorithm, burst, period, cost } = options
  if (burst !== undefined && algorithm !== 'token-bucket') {
    throw errors.GW_RATE_LIMIT_BURST({ algorithm }, { option: ['burst'] })
  }
  if (period !== undefined && algorithm === 'concurrency') {
    throw errors.GW_RATE_LIMIT_PERIOD(undefined, { option: ['period'] })
  }
  if (cost === undefined) return
  const problem = problemWith(options)
  if (problem !== undefined) throw errors.GW_RATE_LIMIT_COST({ problem }, { option: ['cost'] })
}

function problemWith({
  algorithm,
  rate,
  burst,
  cost,
}: Parameters<typeof checkAmounts>[0]): string | undefined {
  if (algorithm === 'concurrency') return 'does not go with the algorithm "concurrency"'
  const [key, most] = burst === undefined ? ['rate', rate] : ['burst', burst]
  if (typeof cost !== 'number' || cost <= most) return undefined
  return `expected at most ${most}, which is "${key}", found ${cost}`
}
