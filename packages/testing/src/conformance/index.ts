/**
 * Conformance suites: what every plugin of a kind must do. The `describe…` functions register tests
 * with vitest; the `…Checks` functions return the same as plain functions for any other runner.
 *
 * @module
 */
import type { MiddlewareFactory } from '@gatewright/kernel'
import { describe, it } from 'vitest'
import type { Check } from './check.ts'
import { type MiddlewareCases, middlewareChecks } from './middleware-checks.ts'

export type { Check } from './check.ts'
export { type MiddlewareCases, middlewareChecks } from './middleware-checks.ts'
export type { OptionCases } from './schema-checks.ts'

/** Tests that a middleware type keeps the contract of its kind. */
export function describeMiddleware<O>(factory: MiddlewareFactory<O>, cases: MiddlewareCases): void {
  suite(`middleware type ${factory.type}`, middlewareChecks(factory, cases))
}

// A check asserts by rejecting, and its title comes from the contract.
/* oxlint-disable vitest/expect-expect, vitest/valid-title */
function suite(subject: string, checks: readonly Check[]): void {
  describe(subject, () => {
    for (const { name, run } of checks) it(name, run)
  })
}
