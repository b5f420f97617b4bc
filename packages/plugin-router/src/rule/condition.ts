import type { Exchange } from '@gatewright/kernel'
import { type Bounds, tightest, union } from './bound.ts'

/** Answers whether an exchange fits. */
export type Test = (exchange: Exchange) => boolean

/** A compiled part of a rule. */
export interface Condition {
  readonly test: Test
  readonly bounds: Bounds
}

/** Holds where the condition does not. */
export function negation({ test }: Condition): Condition {
  return { test: (exchange) => !test(exchange), bounds: {} }
}

/** Holds where all conditions do. */
export function conjunction(conditions: readonly Condition[]): Condition {
  const hosts = tightest(conditions.map(({ bounds }) => bounds.hosts))
  const paths = tightest(conditions.map(({ bounds }) => bounds.paths))
  return {
    test: allOf(conditions.map(({ test }) => test)) ?? always,
    bounds: {
      ...(hosts !== undefined && { hosts: { ...hosts, exact: false } }),
      ...(paths !== undefined && { paths: { ...paths, exact: false } }),
    },
  }
}

/** Holds where any condition does. */
export function disjunction(conditions: readonly Condition[]): Condition {
  const hosts = union(conditions.map(({ bounds }) => bounds.hosts))
  const paths = union(conditions.map(({ bounds }) => bounds.paths))
  return {
    test: anyOf(conditions.map(({ test }) => test)),
    bounds: { ...(hosts !== undefined && { hosts }), ...(paths !== undefined && { paths }) },
  }
}

/** All tests in one, from left to right; `undefined` if there are none. */
export function allOf(tests: readonly Test[]): Test | undefined {
  const [first, second] = tests
  if (first === undefined || second === undefined) return first
  if (tests.length === 2) return (exchange) => first(exchange) && second(exchange)
  return (exchange) => {
    for (const test of tests) if (!test(exchange)) return false
    return true
  }
}

function anyOf(tests: readonly Test[]): Test {
  return (exchange) => {
    for (const test of tests) if (test(exchange)) return true
    return false
  }
}

function always(): boolean {
  return true
}
