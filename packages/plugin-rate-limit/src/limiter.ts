import { ContextKey, type RequestContext, type Scope } from '@gatewright/kernel'
import { checkAmounts } from './check-amounts.ts'
import { InFlight } from './meter/in-flight.ts'
import type { MeterTable } from './meter/meter-table.ts'
import { createMeters } from './meter/meters.ts'
import type { Verdict } from './meter/verdict.ts'
import type { RateLimitOptions } from './options.ts'

/** Decides about the requests of one middleware. `undefined` if it has nothing to decide. */
export type Limiter = (ctx: RequestContext, key: string, cost: number) => Verdict | undefined

/** How often a full table is worth a word, in milliseconds. */
const warningIntervalMs = 60_000

/** Throws what {@link checkAmounts} throws. What has been counted outlives a reload with the same options. */
export function createLimiter(options: RateLimitOptions, scope: Scope): Limiter {
  const { algorithm, rate, burst, period = 1000 } = options
  checkAmounts(options)
  const { max_keys: maxKeys, key, missing_key: missing, ipv6_prefix: bits } = options
  const rule = [algorithm, rate, burst, period, maxKeys, key, missing, bits, scope.share]
  const resource = `rate-limit:${scope.name}:${JSON.stringify(rule)}`
  if (algorithm === 'concurrency') {
    const limit = Math.max(1, Math.floor(rate * scope.share))
    return inFlightLimiter(scope.keep(resource, () => new InFlight(limit)))
  }
  const meters = scope.keep(resource, () =>
    createMeters({ ...options, algorithm, period }, scope.share),
  )
  return meterLimiter(meters, scope)
}

function meterLimiter(meters: MeterTable, { log }: Scope): Limiter {
  let { lost } = meters
  let warnedAt = Number.NEGATIVE_INFINITY
  return (_ctx, key, cost) => {
    const now = performance.now()
    const verdict = meters.take(key, now, cost)
    if (meters.lost !== lost && now - warnedAt >= warningIntervalMs) {
      log.warn({ keys: meters.size, lost: meters.lost - lost }, 'rate limit forgets keys in use')
      lost = meters.lost
      warnedAt = now
    }
    return verdict
  }
}

function inFlightLimiter(inFlight: InFlight): Limiter {
  // A retry outside of the middleware asks again for an exchange that is under way.
  const counted = new ContextKey<true>('rate-limit.counted')
  return (ctx, key) => {
    if (ctx.get(counted)) return undefined
    const verdict = inFlight.take(key)
    if (!verdict.allowed) return verdict
    ctx.set(counted, true)
    ctx.defer(() => inFlight.release(key))
    return verdict
  }
}
