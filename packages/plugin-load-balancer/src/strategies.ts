import type { Balancer, BalancerFactory, Scope } from '@gatewright/kernel'
import { LeastConnectionsBalancer } from './least-connections.ts'
import { type LoadBalancerOptions, schema } from './options.ts'
import { RandomBalancer } from './random.ts'
import { RandomTwoChoicesBalancer } from './random-two-choices.ts'
import { RoundRobinBalancer } from './round-robin.ts'
import { WeightedBalancer } from './weighted.ts'

type Strategy = BalancerFactory<LoadBalancerOptions>

/** `strategy = "round-robin"`, the default. */
export const roundRobin: Strategy = remembering('round-robin', () => new RoundRobinBalancer())

/** `strategy = "weighted"`. */
export const weighted: Strategy = remembering('weighted', () => new WeightedBalancer())

/** `strategy = "least-connections"`. */
export const leastConnections: Strategy = remembering(
  'least-connections',
  () => new LeastConnectionsBalancer(),
)

/** `strategy = "random"`. */
export const random: Strategy = { type: 'random', schema, create: () => new RandomBalancer() }

/** `strategy = "random-two-choices"`. */
export const randomTwoChoices: Strategy = {
  type: 'random-two-choices',
  schema,
  create: () => new RandomTwoChoicesBalancer(),
}

/** A strategy with a position, which goes on after a reload instead of starting anew. */
function remembering(type: string, create: () => Balancer & Disposable): Strategy {
  return {
    type,
    schema,
    create: (_options, scope: Scope) => scope.keep(`balancer:${type}:${scope.name}`, create),
  }
}
