/**
 * The strategies of `load_balancer { strategy = … }`: round-robin, weighted, least-connections,
 * random and random-two-choices.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { leastConnections, random, randomTwoChoices, roundRobin, weighted } from './strategies.ts'

export type { LoadBalancerOptions } from './options.ts'
export {
  leastConnections,
  random,
  randomTwoChoices,
  roundRobin,
  weighted,
} from './strategies.ts'

export default definePlugin({
  name: '@gatewright/plugin-load-balancer',
  setup({ balancers }) {
    balancers.register(roundRobin)
    balancers.register(weighted)
    balancers.register(leastConnections)
    balancers.register(random)
    balancers.register(randomTwoChoices)
  },
})
