import type { GatewayConfigInput, Plugin } from '@gatewright/kernel'
import type { Check } from '../conformance/check.ts'
import { componentChecks, type TriedComponent, tried } from './component-checks.ts'
import { manifestChecks } from './manifest-checks.ts'
import { placeOf, withOptions } from './places.ts'
import { pluginChecks } from './plugin-checks.ts'
import type { PluginContract } from './plugin-contract.ts'
import { readmeChecks } from './readme-checks.ts'
import { Subject } from './subject.ts'
import { detectRunner } from './test-runner.ts'

/**
 * Registers tests that a plugin keeps the contract: as a whole, and for everything that it
 * registers. To be awaited at the top of a test file, in vitest or `node:test`.
 *
 * @example
 * ```ts
 * await runPluginContract(geoBlock, {
 *   valid: [{ countries: ['FR'] }],
 *   invalid: [{}, { countries: 'FR' }],
 *   rejected: [{ headers: { 'x-country': 'FR' } }],
 * })
 * ```
 */
export async function runPluginContract(
  plugin: Plugin,
  contract: PluginContract = {},
): Promise<void> {
  const { describe, it } = contract.runner ?? (await detectRunner())
  const groups = await contractChecks(plugin, contract)
  describe(`plugin ${plugin.name}`, () => {
    for (const { subject, checks } of groups) {
      describe(subject, () => {
        for (const { name, run } of checks) it(name, run)
      })
    }
  })
}

/** Checks with what they are about. */
export interface CheckGroup {
  readonly subject: string
  readonly checks: readonly Check[]
}

/** The tests of {@link runPluginContract}, as functions that reject where the contract is broken. */
export async function contractChecks(
  plugin: Plugin,
  contract: PluginContract = {},
): Promise<readonly CheckGroup[]> {
  const subject = new Subject(plugin, contract.options)
  const beside = contract.plugins ?? []
  const components = await tried(await subject.components(beside), contract)
  const config = wholeConfig(components, contract.config ?? {})
  const [request = '/'] = contract.requests ?? []
  return [
    {
      subject: 'as a whole',
      checks: [
        ...pluginChecks({ subject, beside, config, request }),
        ...manifestChecks(components, contract.packageJson),
        ...readmeChecks([plugin, ...components.map(({ factory }) => factory)], contract.readme),
      ],
    },
    ...components.map((component) => ({
      subject: `${component.kind} ${component.type}`,
      checks: componentChecks(component, subject, contract),
    })),
  ].filter(({ checks }) => checks.length > 0)
}

/** Names an instance of everything. */
function wholeConfig(
  components: readonly TriedComponent[],
  config: GatewayConfigInput,
): GatewayConfigInput {
  let whole = config
  // A service has one strategy.
  const strategy = components.find(({ kind }) => kind === 'balancer')
  for (const component of components) {
    const place = placeOf(component)
    if (place === undefined) continue
    if (component.kind === 'balancer' && component !== strategy) continue
    whole = withOptions(whole, place, component.cases.valid[0])
  }
  // A protocol of its own is not what requests come in by.
  const { web = {}, ...others } = Object(whole.entrypoints)
  return { ...whole, entrypoints: { web: { address: '127.0.0.1:0', ...web }, ...others } }
}
