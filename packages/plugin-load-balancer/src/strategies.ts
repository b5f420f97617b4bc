import { type BalancerFactory, defineBalancer, type Scope } from '@gatewright/kernel'
import { ConsistentHashBalancer } from './consistent-hash/consistent-hash.ts'
import { RingShelf } from './consistent-hash/ring-shelf.ts'
import { Credits } from './credits.ts'
import { LeastConnectionsBalancer } from './least-connections.ts'
import { Latencies } from './least-latency/latencies.ts'
import { LeastLatencyBalancer } from './least-latency/least-latency.ts'
import {
  type ConsistentHashOptions,
  consistentHashSchema,
  type LeastLatencyOptions,
  type LoadBalancerOptions,
  leastLatencySchema,
  schema,
} from './options.ts'
import { RandomBalancer } from './random.ts'
import { RandomTwoChoicesBalancer } from './random-two-choices.ts'
import { RoundRobinBalancer } from './round-robin.ts'
import { Turn } from './turn.ts'
import { WeightedBalancer } from './weighted.ts'

/** A way to choose servers, as the `strategy` of a pool names it. */
export type Strategy = BalancerFactory<LoadBalancerOptions>

/** `strategy = "round-robin"`, the default. */
export const roundRobin: Strategy = defineBalancer({
  type: 'round-robin',
  schema,
  create: (_options, scope) => new RoundRobinBalancer(keepTurn('round-robin', scope)),
})

/** `strategy = "weighted"`. */
export const weighted: Strategy = defineBalancer({
  type: 'weighted',
  schema,
  create: (_options, scope) =>
    new WeightedBalancer(scope.keep(`balancer:weighted:${scope.name}`, () => new Credits())),
})

/** `strategy = "least-connections"`. */
export const leastConnections: Strategy = defineBalancer({
  type: 'least-connections',
  schema,
  create: (_options, scope) => new LeastConnectionsBalancer(keepTurn('least-connections', scope)),
})

/** `strategy = "random"`. */
export const random: Strategy = defineBalancer({
  type: 'random',
  schema,
  create: () => new RandomBalancer(),
})

/** `strategy = "random-two-choices"`. */
export const randomTwoChoices: Strategy = defineBalancer({
  type: 'random-two-choices',
  schema,
  create: () => new RandomTwoChoicesBalancer(),
})

/** `strategy = "consistent-hash"`. */
export const consistentHash: BalancerFactory<ConsistentHashOptions> = defineBalancer({
  type: 'consistent-hash',
  schema: consistentHashSchema,
  create: (options, scope) => new ConsistentHashBalancer(options, keepRings(scope)),
})

/** `strategy = "ip-hash"`: `consistent-hash` by the client's address. */
export const ipHash: Strategy = defineBalancer({
  type: 'ip-hash',
  schema,
  create: (_options, scope) =>
    new ConsistentHashBalancer(
      { hash_on: 'client_ip', hash_missing: 'client_ip' },
      keepRings(scope),
    ),
})

/** `strategy = "least-latency"`. */
export const leastLatency: BalancerFactory<LeastLatencyOptions> = defineBalancer({
  type: 'least-latency',
  schema: leastLatencySchema,
  create: (options, scope) =>
    new LeastLatencyBalancer(options, {
      latencies: scope.keep(`balancer:least-latency:${scope.name}`, () => new Latencies()),
    }),
})

/** What is hashed makes no difference to a ring. */
function keepRings(scope: Scope): RingShelf {
  return scope.keep(`balancer:hash-ring:${scope.name}`, () => new RingShelf())
}

function keepTurn(strategy: string, scope: Scope): Turn {
  return scope.keep(`balancer:${strategy}:${scope.name}`, () => new Turn())
}
