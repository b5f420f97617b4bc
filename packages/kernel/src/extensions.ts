/**
 * What plugins registered, as a list for tools: documentation, editors, `plugin list`.
 *
 * @module
 */
import type { PluginHost } from './plugin-host.ts'
import type { PluginRegistry } from './registry.ts'
import type { JsonSchema } from './schema.ts'

/** Something that a plugin registered and that a configuration can name. */
export interface Extension {
  /** What it is: `middleware`, `balancer`, `section`, …, as {@link ExtensionKind} says, or `matcher`. */
  readonly kind: string
  /** What a configuration calls it. */
  readonly type: string
  /** Name of the plugin. */
  readonly plugin: string
  /** Of its block, or of its value if it is a single key; `undefined` if it takes no options. */
  readonly schema: JsonSchema | undefined
  /** Of sections: true if blocks carry a label. */
  readonly labelled?: boolean
  /** Of service features: the block in which it stands. */
  readonly parent?: 'service' | 'load_balancer'
  /** Of entrypoint features: the protocols it works with; `undefined` means all. */
  readonly protocols?: readonly string[]
}

/** What the factories of a registry may say of themselves besides their type. */
type Described = Partial<Omit<Extension, 'kind' | 'type' | 'plugin'>>

/** Everything that the plugins of a gateway registered so far and that a configuration can name. */
export function listExtensions(host: PluginHost): Extension[] {
  return [
    ...of('protocol', host.protocols),
    ...of('entrypoint feature', host.entrypointFeatures),
    ...of('upgrade', host.upgrades),
    ...of('routing', host.routings),
    ...of('matcher', host.matchers),
    ...of('middleware', host.middlewares),
    ...of('balancer', host.balancers),
    ...of('service feature', host.serviceFeatures),
    ...of('transport', host.transports),
    ...of('provider', host.providers),
    ...host.sections
      .entries()
      .map(({ factory, plugin }) => describe('section', plugin, factory.factory)),
  ]
}

function of<F extends { readonly type: string }>(
  kind: string,
  registry: PluginRegistry<F>,
): Extension[] {
  return registry.entries().map(({ factory, plugin }) => describe(kind, plugin, factory))
}

function describe(kind: string, plugin: string, factory: { readonly type: string }): Extension {
  // Every kind of factory that has one of these has it in this form.
  const { schema, labelled, parent, protocols } = factory as Described
  return {
    kind,
    type: factory.type,
    plugin,
    schema,
    ...(labelled !== undefined && { labelled }),
    ...(parent !== undefined && { parent }),
    ...(protocols !== undefined && { protocols }),
  }
}
