/**
 * The strategies of `load_balancer { strategy = … }`, and the keys `slow_start` and
 * `panic_threshold`, which go with every strategy.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { panicThreshold } from './panic/panic-threshold.ts'
import { slowStart } from './slow-start/slow-start.ts'
import {
  consistentHash,
  ipHash,
  leastConnections,
  leastLatency,
  random,
  randomTwoChoices,
  roundRobin,
  weighted,
} from './strategies.ts'

export type {
  ConsistentHashOptions,
  LeastLatencyOptions,
  LoadBalancerOptions,
} from './options.ts'
export { panicThreshold } from './panic/panic-threshold.ts'
export { slowStart } from './slow-start/slow-start.ts'
export {
  consistentHash,
  ipHash,
  leastConnections,
  leastLatency,
  random,
  randomTwoChoices,
  roundRobin,
  type Strategy,
  weighted,
} from './strategies.ts'

export default definePlugin({
  name: '@gatewright/plugin-load-balancer',
  setup({ balancers, serviceFeatures }) {
    balancers.register(roundRobin)
    balancers.register(weighted)
    balancers.register(leastConnections)
    balancers.register(random)
    balancers.register(randomTwoChoices)
    balancers.register(consistentHash)
    balancers.register(ipHash)
    balancers.register(leastLatency)
    serviceFeatures.register(slowStart)
    serviceFeatures.register(panicThreshold)
  },
})
