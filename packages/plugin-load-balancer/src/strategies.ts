import type { BalancerFactory, Scope } from '@gatewright/kernel'
import { Credits } from './credits.ts'
import { LeastConnectionsBalancer } from './least-connections.ts'
import { type LoadBalancerOptions, schema } from './options.ts'
import { RandomBalancer } from './random.ts'
import { RandomTwoChoicesBalancer } from './random-two-choices.ts'
import { RoundRobinBalancer } from './round-robin.ts'
import { Turn } from './turn.ts'
import { WeightedBalancer } from './weighted.ts'

type Strategy = BalancerFactory<LoadBalancerOptions>

/** `strategy = "round-robin"`, the default. */
export const roundRobin: Strategy = {
  type: 'round-robin',
  schema,
  create: (_options, scope) => new RoundRobinBalancer(keepTurn('round-robin', scope)),
}

/** `strategy = "weighted"`. */
export const weighted: Strategy = {
  type: 'weighted',
  schema,
  create: (_options, scope) =>
    new WeightedBalancer(scope.keep(`balancer:weighted:${scope.name}`, () => new Credits())),
}

/** `strategy = "least-connections"`. */
export const leastConnections: Strategy = {
  type: 'least-connections',
  schema,
  create: (_options, scope) => new LeastConnectionsBalancer(keepTurn('least-connections', scope)),
}

/** `strategy = "random"`. */
export const random: Strategy = { type: 'random', schema, create: () => new RandomBalancer() }

/** `strategy = "random-two-choices"`. */
export const randomTwoChoices: Strategy = {
  type: 'random-two-choices',
  schema,
  create: () => new RandomTwoChoicesBalancer(),
}

function keepTurn(strategy: string, scope: Scope): Turn {
  return scope.keep(`balancer:${strategy}:${scope.name}`, () => new Turn())
}
