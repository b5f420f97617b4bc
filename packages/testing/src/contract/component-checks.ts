/**
 * The checks of one component of a plugin, whatever its kind.
 *
 * @module
 */
import { parseHcl } from '@gatewright/config-hcl'
import type {
  BalancerFactory,
  MiddlewareFactory,
  OptionsSchema,
  ProviderFactory,
  ServiceFeatureFactory,
  TransportFactory,
} from '@gatewright/kernel'
import { balancerChecks } from '../conformance/balancer-checks.ts'
import type { Check } from '../conformance/check.ts'
import { middlewareChecks } from '../conformance/middleware-checks.ts'
import { providerChecks } from '../conformance/provider-checks.ts'
import type { OptionCases } from '../conformance/schema-checks.ts'
import { serviceFeatureChecks } from '../conformance/service-feature-checks.ts'
import { transportChecks } from '../conformance/transport-checks.ts'
import { errors } from '../errors.ts'
import { sendInitOf } from '../kit/inject.ts'
import type { Component, ComponentKind } from './component.ts'
import { matcherChecks } from './matcher-checks.ts'
import { placedChecks } from './placed-checks.ts'
import { placeOf } from './places.ts'
import type { ComponentCases, PluginContract } from './plugin-contract.ts'
import type { Subject } from './subject.ts'

/** A component with what it is tried with. */
export interface TriedComponent extends Component {
  readonly cases: ComponentCases & { readonly valid: readonly [unknown, ...unknown[]] }
}

/** The cases of each component, completed by the examples of its schema. */
export async function tried(
  components: readonly Component[],
  contract: PluginContract,
): Promise<readonly TriedComponent[]> {
  checkCases(components, contract)
  return await Promise.all(
    components.map(async (component) => {
      const cases = contract.components?.[component.type] ?? ownCases(components, contract)
      const [first = {}, ...others] = cases.valid ?? (await exampleOptions(component))
      return { ...component, cases: { ...cases, valid: [first, ...others] as const } }
    }),
  )
}

/** What a component owes because of its kind. */
export function componentChecks(
  component: TriedComponent,
  subject: Subject,
  contract: PluginContract,
): readonly Check[] {
  const find = byKind[component.kind]
  if (find !== undefined) return find(component, subject, contract)
  const place = placeOf(component)
  return place === undefined ? [] : placedChecks({ ...component, place }, subject, contract)
}

type Find = (
  component: TriedComponent,
  subject: Subject,
  contract: PluginContract,
) => readonly Check[]

/** The kinds that have more to them than a place in the configuration. */
const byKind: Partial<Record<ComponentKind, Find>> = {
  middleware: (component, subject, { plugins = [], config = {} }) => {
    const { requests = ['/'], rejected = [], ownFields = [] } = component.cases
    const { factory, owner } = subject.part<MiddlewareFactory>(component)
    const own = {
      requests: requests.map(sendInitOf),
      rejected: rejected.map(sendInitOf),
      ownFields,
    }
    return middlewareChecks(factory, { ...blocksOf(component), ...own, plugins, config }, owner)
  },
  balancer: (component, subject) => {
    const { factory, owner } = subject.part<BalancerFactory>(component)
    return balancerChecks(factory, blocksOf(component), owner)
  },
  'service feature': (component, subject, { plugins = [], config = {} }) => {
    const { factory, owner } = subject.part<ServiceFeatureFactory>(component)
    const { valid, invalid = [] } = component.cases
    return serviceFeatureChecks(factory, { valid, invalid, plugins, config, owner })
  },
  transport: (component, subject) => {
    const { factory, owner } = subject.part<TransportFactory>(component)
    // The checks speak cleartext HTTP/1.1.
    const speaksHttp = factory.schemes.includes('http')
    return speaksHttp ? transportChecks(factory, blocksOf(component), owner) : []
  },
  provider: (component, subject) => {
    const { factory } = subject.part<ProviderFactory>(component)
    return providerChecks(factory, { ...blocksOf(component), change: component.cases.change })
  },
  matcher: (component, subject, contract) =>
    matcherChecks(component, contractOf(component, contract), subject, contract),
}

function blocksOf({ cases: { valid, invalid = [] } }: TriedComponent): OptionCases {
  // Options of these kinds are blocks.
  return {
    valid: valid as OptionCases['valid'],
    invalid: invalid as OptionCases['invalid'],
  }
}

/** Its cases as they were given: there are no default arguments. */
function contractOf({ type, cases }: TriedComponent, contract: PluginContract): ComponentCases {
  const { valid } = contract.components?.[type] ?? contract
  return { ...cases, valid: valid ?? [] }
}

const ownKeys = ['valid', 'invalid'] as const satisfies readonly (keyof ComponentCases)[]

/** Throws if cases were given that would be tried with nothing. */
function checkCases(components: readonly Component[], contract: PluginContract): void {
  const types = components.map(({ type }) => type)
  for (const type of Object.keys(contract.components ?? {})) {
    if (!types.includes(type)) throw errors.GW_TESTING_CASES({ key: `components.${type}`, types })
  }
  const others = types.filter((type) => contract.components?.[type] === undefined)
  const given = ownKeys.find((key) => contract[key] !== undefined)
  if (given === undefined || others.length === 1) return
  throw errors.GW_TESTING_CASES({ key: given, types })
}

/** Cases at the top of a contract are those of the only component that has any. */
function ownCases(components: readonly Component[], contract: PluginContract): ComponentCases {
  const others = components.filter(({ type }) => contract.components?.[type] === undefined)
  return others.length === 1 ? contract : {}
}

/** The options in the examples of a schema, if its blocks have a `type`. */
async function exampleOptions({ kind, type, factory }: Component): Promise<readonly unknown[]> {
  if (kind !== 'middleware') return []
  const { 'x-gatewright-examples': examples = [] } = factory.schema as OptionsSchema<unknown>
  const found: unknown[] = []
  for (const { title, hcl } of examples) {
    const { config } = await parseHcl(hcl, { file: `example "${title}"`, allowMissingEnv: true })
    for (const block of Object.values(Object(config['middlewares']))) {
      const { type: named, ...options } = Object(block)
      if (named === type) found.push(options)
    }
  }
  return found
}
