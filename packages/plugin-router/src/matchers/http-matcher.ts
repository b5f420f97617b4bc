import type { MatcherFactory, RequestContext } from '@gatewright/kernel'
import type { Bounds } from '../rule/bound.ts'
import type { Test } from '../rule/condition.ts'
import { ArgumentError } from '../rule/rule-error.ts'
import type { IndexedFactory } from './indexed-factory.ts'

/** Answers whether an HTTP exchange fits. */
export type RequestTest = (ctx: RequestContext) => boolean

/** A matcher of HTTP routers. */
export interface HttpMatcher {
  readonly type: string
  readonly arity: readonly [min: number, max: number]
  /** Throws ArgumentError. */
  compile(args: readonly string[]): RequestTest
  /** For matchers that the route index knows. Called after `compile` has accepted the arguments. */
  bounds?(args: readonly string[]): Bounds
}

/** The matcher as the registry takes it. */
export function factoryOf(matcher: HttpMatcher): MatcherFactory {
  const factory: MatcherFactory = {
    type: matcher.type,
    kind: 'http',
    arity: matcher.arity,
    // Exchanges of HTTP routers are request contexts.
    compile: (args) => matcher.compile(args) as Test,
  }
  if (matcher.bounds === undefined) return factory
  const indexed: IndexedFactory = { ...factory, bounds: matcher.bounds.bind(matcher) }
  return indexed
}

/** Holds where any test does. */
export function anyTest(tests: readonly RequestTest[]): RequestTest {
  const [only] = tests
  if (only !== undefined && tests.length === 1) return only
  return (ctx) => {
    for (const test of tests) if (test(ctx)) return true
    return false
  }
}

/** Refuses a literal. */
export function refuseLiteral(position: number, problem: string): ArgumentError {
  return new ArgumentError('GW_RULE_LITERAL', position, problem)
}
