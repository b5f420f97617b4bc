/**
 * What a component owes whose kind asks for no more than that it is made from a configuration.
 *
 * @module
 */
import { Gateway, type GatewayConfigInput, type Plugin } from '@gatewright/kernel'
import { createLoader } from '@gatewright/standard'
import { type Check, mustHold } from '../conformance/check.ts'
import type { Creator } from '../conformance/ledger.ts'
import { lifecycleChecks } from '../conformance/lifecycle-checks.ts'
import { blockChecks, casesChecks, valueChecks } from '../conformance/schema-checks.ts'
import { createTestGateway } from '../kit/create-test-gateway.ts'
import { type Owner, optionsChecked } from '../mount/mount-middleware.ts'
import { recordLogs } from '../recorded-logs.ts'
import type { AnyFactory, Component } from './component.ts'
import { type Place, withOptions } from './places.ts'
import type { ComponentCases, PluginContract } from './plugin-contract.ts'
import type { Subject } from './subject.ts'

type Factory = AnyFactory & Creator

/** A component, with its place in a configuration. */
export interface PlacedComponent extends Component {
  readonly place: Place
  readonly cases: ComponentCases & { readonly valid: readonly [unknown, ...unknown[]] }
}

/** Keys of the kernel in the blocks of these kinds. */
const foreignKeys: Readonly<Record<string, readonly string[]>> = {
  protocol: ['address', 'protocol'],
}

/** Its schema, its cases, and its life. */
export function placedChecks(
  component: PlacedComponent,
  subject: Subject,
  contract: PluginContract,
): readonly Check[] {
  const { factory, owner } = subject.part<Factory>(component)
  const around = { component, owner, contract }
  const { schema } = factory
  const { valid, invalid = [] } = component.cases
  const instantiate = async (options: unknown): Promise<void> =>
    (await mount(around, factory, options)).close()
  return [
    {
      name: 'has a type in snake_case or kebab-case',
      run: async () => {
        const { type } = component
        mustHold(/^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$/.test(type), `type "${type}"`)
      },
    },
    ...(schema === undefined || schema.type !== 'object'
      ? valueChecks({ description: '', ...Object(schema) })
      : blockChecks({
          type: component.type,
          // The only schemas of that type are those of options.
          schema: schema as Parameters<typeof blockChecks>[0]['schema'],
          foreignKeys: foreignKeys[component.kind] ?? [],
          valid: valid[0],
          instantiate,
        })),
    ...casesChecks({ valid, invalid, instantiate }),
    ...lifecycleChecks({
      factory,
      options: valid[0],
      mount: (observed, options) => mount(around, observed, options),
      validate: (observed, options) => {
        const plugins = pluginsOf(around, observed)
        const loader = createLoader({ baseDir: process.cwd() })
        const gateway = new Gateway({ log: recordLogs().log, plugins, loader })
        return gateway.validate(configOf(around, options))
      },
    }),
  ]
}

interface Around {
  readonly component: PlacedComponent
  readonly owner: Owner<Factory>
  readonly contract: PluginContract
}

async function mount(around: Around, factory: Factory, options: unknown) {
  const at = around.component.place.path
  const { gateway, close, ...bench } = await optionsChecked(at, () =>
    createTestGateway({
      plugins: pluginsOf(around, factory),
      config: configOf(around, options),
    }),
  )
  return {
    gateway,
    close,
    reload: (next: unknown) => optionsChecked(at, () => bench.reload(configOf(around, next))),
  }
}

function pluginsOf({ owner, contract }: Around, factory: Factory): readonly Plugin[] {
  return [...(contract.plugins ?? []), owner(factory)]
}

function configOf({ component, contract }: Around, options: unknown): GatewayConfigInput {
  const { config = {} } = contract
  return withOptions(config, component.place, options)
}
