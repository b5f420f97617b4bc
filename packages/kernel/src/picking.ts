/**
 * Asks a strategy for an endpoint, and contains what it does instead of giving one.
 *
 * @module
 */
import { isThenable } from './awaitable.ts'
import { LiveEndpoint, type LivePool } from './endpoint-pool.ts'
import type { Exchange } from './exchange.ts'
import { badResult, pluginFailure } from './failure.ts'
import type { Balancer } from './service.ts'

/** The endpoint that a strategy picks. Throws errors that say whose it is: `owner`. */
export function pickFrom(
  balancer: Balancer,
  pool: LivePool,
  exchange: Exchange,
  owner: string,
): LiveEndpoint | undefined {
  let picked: unknown
  try {
    picked = balancer.pick(pool, exchange)
  } catch (error) {
    throw pluginFailure(error, owner, 'pick')
  }
  if (picked instanceof LiveEndpoint) return picked
  if (picked === undefined || picked === null) return undefined
  throw nonsense(picked, owner)
}

function nonsense(picked: unknown, owner: string): Error {
  // Nobody else will hear of what it rejects with.
  if (isThenable(picked)) Promise.resolve(picked).catch(() => undefined)
  return badResult(owner, 'pick', 'an endpoint of the pool, at once', picked)
}
