import type { MatcherFactory } from '@gatewright/kernel'
import type { Bounds } from '../rule/bound.ts'

/** A matcher that the route index knows. */
export interface IndexedFactory extends MatcherFactory {
  /** What a call demands. Called after `compile` has accepted the arguments. */
  bounds(args: readonly string[]): Bounds
}

/** What a call of the matcher demands; nothing if the route index does not know the matcher. */
export function boundsOf(factory: MatcherFactory, args: readonly string[]): Bounds {
  return isIndexed(factory) ? factory.bounds(args) : {}
}

function isIndexed(factory: MatcherFactory): factory is IndexedFactory {
  return 'bounds' in factory && typeof factory.bounds === 'function'
}
