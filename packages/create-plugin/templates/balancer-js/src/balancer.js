import { defineBalancer } from '@gatewright/kernel'
import { schema } from './options.js'

/**
 * @import { Endpoint, Exchange } from '@gatewright/kernel'
 * @import { Options } from './options.js'
 */

/** The strategy `my-plugin`: fills one server after the other, in their order. */
export const balancer = defineBalancer({
  type: 'my-plugin',
  schema,
  /** @param {Options} options */
  create({ fill }) {
    return {
      // Called for every try of every request: nothing may wait here.
      pick({ available }, exchange) {
        const candidates = untried(available, exchange)
        return candidates.find(({ active }) => active < fill) ?? leastActive(candidates)
      },
    }
  },
})

/**
 * A retry goes to a server that has not been tried, if there is one.
 *
 * @param {readonly Endpoint[]} available
 * @param {Exchange} exchange
 */
function untried(available, { attempts }) {
  if (attempts === undefined || attempts.length === 0) return available
  const rest = available.filter((one) => attempts.every(({ endpoint }) => endpoint !== one))
  return rest.length === 0 ? available : rest
}

/** @param {readonly Endpoint[]} endpoints */
function leastActive(endpoints) {
  let least
  for (const endpoint of endpoints) {
    if (least === undefined || endpoint.active < least.active) least = endpoint
  }
  return least
}
