/**
 * Conformance suites: what every plugin of a kind must do. The `describe…` functions register tests
 * with vitest; the `…Checks` functions return the same as plain functions for any other runner.
 *
 * @module
 */
import type {
  BalancerFactory,
  MiddlewareFactory,
  ProviderFactory,
  ServiceFeatureFactory,
  TransportFactory,
} from '@gatewright/kernel'
import { describe, it } from 'vitest'
import { balancerChecks } from './balancer-checks.ts'
import type { Check } from './check.ts'
import { type MiddlewareCases, middlewareChecks } from './middleware-checks.ts'
import { type ProviderCases, providerChecks } from './provider-checks.ts'
import type { OptionCases } from './schema-checks.ts'
import { type ServiceFeatureCases, serviceFeatureChecks } from './service-feature-checks.ts'
import { transportChecks } from './transport-checks.ts'

export { balancerChecks } from './balancer-checks.ts'
export type { Check } from './check.ts'
export { type MiddlewareCases, middlewareChecks } from './middleware-checks.ts'
export { type ProviderCases, providerChecks } from './provider-checks.ts'
export type { OptionCases } from './schema-checks.ts'
export { type ServiceFeatureCases, serviceFeatureChecks } from './service-feature-checks.ts'
export { transportChecks } from './transport-checks.ts'

/** Tests that a middleware type keeps the contract of its kind. */
export function describeMiddleware<O>(factory: MiddlewareFactory<O>, cases: MiddlewareCases): void {
  suite(`middleware type ${factory.type}`, middlewareChecks(factory, cases))
}

/** Tests that a load-balancing strategy keeps the contract of its kind. */
export function describeBalancer<O>(
  factory: BalancerFactory<O>,
  cases: OptionCases = { valid: [{}], invalid: [] },
): void {
  suite(`strategy ${factory.type}`, balancerChecks(factory, cases))
}

/** Tests that a feature of services keeps the contract of its kind. */
export function describeServiceFeature<O>(
  factory: ServiceFeatureFactory<O>,
  cases: ServiceFeatureCases,
): void {
  suite(`service feature ${factory.type}`, serviceFeatureChecks(factory, cases))
}

/** Tests that a transport for `http:` keeps the contract of its kind, over real sockets. */
export function describeTransport<O>(
  factory: TransportFactory<O>,
  cases: OptionCases = { valid: [{}], invalid: [] },
): void {
  suite(`transport ${factory.type}`, transportChecks(factory, cases))
}

/** Tests that a provider keeps the contract of its kind. */
export function describeProvider<O>(factory: ProviderFactory<O>, cases: ProviderCases): void {
  suite(`provider ${factory.type}`, providerChecks(factory, cases))
}

// A check asserts by rejecting, and its title comes from the contract.
/* oxlint-disable vitest/expect-expect, vitest/valid-title */
function suite(subject: string, checks: readonly Check[]): void {
  describe(subject, () => {
    for (const { name, run } of checks) it(name, run)
  })
}
