import { errors } from './errors.ts'
import type { RateLimitOptions } from './options.ts'

/** Throws GW_RATE_LIMIT_BURST for a burst that would have no effect. */
export function checkBurst({
  algorithm,
  burst,
}: Pick<RateLimitOptions, 'algorithm' | 'burst'>): void {
  if (burst === undefined || algorithm === 'token-bucket') return
  throw errors.GW_RATE_LIMIT_BURST({ algorithm }, { option: ['burst'] })
}
