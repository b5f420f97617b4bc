import { defineBalancer, type Endpoint, type Exchange } from '@gatewright/kernel'
import { type Options, schema } from './options.ts'

/** The strategy `my-plugin`: fills one server after the other, in their order. */
export const balancer = defineBalancer<Options>({
  type: 'my-plugin',
  schema,
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

/** A retry goes to a server that has not been tried, if there is one. */
function untried(available: readonly Endpoint[], { attempts }: Exchange): readonly Endpoint[] {
  if (attempts === undefined || attempts.length === 0) return available
  const rest = available.filter((one) => attempts.every(({ endpoint }) => endpoint !== one))
  return rest.length === 0 ? available : rest
}

function leastActive(endpoints: readonly Endpoint[]): Endpoint | undefined {
  let least: Endpoint | undefined
  for (const endpoint of endpoints) {
    if (least === undefined || endpoint.active < least.active) least = endpoint
  }
  return least
}
