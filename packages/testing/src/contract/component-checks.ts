/**
 * The checks of one component of a plugin, whatever its kind.
 *
 * @module
 */
import { parseHcl } from '@gatewright/config-hcl'
import type { MiddlewareFactory, OptionsSchema } from '@gatewright/kernel'
import type { Check } from '../conformance/check.ts'
import { middlewareChecks } from '../conformance/middleware-checks.ts'
import { sendInitOf } from '../kit/inject.ts'
import type { WrittenOptions } from '../mount/mount-middleware.ts'
import type { Component } from './component.ts'
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
  { plugins = [], config = {} }: PluginContract,
): readonly Check[] {
  if (component.kind !== 'middleware') return []
  const { invalid = [], requests = ['/'], rejected = [], ownFields = [] } = component.cases
  const { factory, owner } = subject.part<MiddlewareFactory>(component)
  return middlewareChecks(
    factory,
    {
      // Options of middlewares are blocks.
      valid: component.cases.valid as readonly [WrittenOptions, ...WrittenOptions[]],
      invalid: invalid as readonly WrittenOptions[],
      requests: requests.map(sendInitOf),
      rejected: rejected.map(sendInitOf),
      ownFields,
      plugins,
      config,
    },
    owner,
  )
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
