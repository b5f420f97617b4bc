import type { OptionsSchema, PluginGateway, ValueSchema } from '@gatewright/kernel'

/** The registries of a gateway, and what is in them in words: as in `provides` of a package.json. */
export const registries = {
  protocols: 'protocol',
  entrypointFeatures: 'entrypoint feature',
  upgrades: 'upgrade',
  dialects: 'dialect',
  routings: 'routing',
  matchers: 'matcher',
  middlewares: 'middleware',
  balancers: 'balancer',
  serviceFeatures: 'service feature',
  transports: 'transport',
  providers: 'provider',
} as const satisfies Partial<Record<keyof PluginGateway, string>>

/** Name of a registry. */
export type RegistryName = keyof typeof registries

/** What a plugin contributes. */
export type ComponentKind = (typeof registries)[RegistryName] | 'section'

/** Any factory, as far as all of them are alike. */
export interface AnyFactory {
  readonly type: string
  readonly schema?: OptionsSchema<unknown> | ValueSchema
}

/** One thing that a plugin registers. */
export interface Component {
  readonly kind: ComponentKind
  readonly type: string
  readonly factory: AnyFactory
}

/** Called with what is registered; what it returns is registered in its place. */
export type Replace = (kind: ComponentKind, factory: AnyFactory) => AnyFactory

/** The gateway as it shows itself to a plugin whose registrations pass through `replace`. */
export function watchedGateway(gateway: PluginGateway, replace: Replace): PluginGateway {
  const own = new Map<PropertyKey, unknown>()
  for (const [name, kind] of Object.entries(registries)) {
    // Every key of the table is that of a registry.
    const registry: object = gateway[name as RegistryName]
    own.set(name, withMember(registry, 'register', kind, replace))
  }
  own.set('section', memberOf(gateway, 'section', 'section', replace))
  return new Proxy(gateway, {
    get: (target, key) => (own.has(key) ? own.get(key) : bound(target, key)),
  })
}

function withMember<T extends object>(
  target: T,
  name: string,
  kind: ComponentKind,
  replace: Replace,
): T {
  const member = memberOf(target, name, kind, replace)
  return new Proxy(target, { get: (_, key) => (key === name ? member : bound(target, key)) })
}

function memberOf(
  target: object,
  name: string,
  kind: ComponentKind,
  replace: Replace,
): (factory: AnyFactory) => unknown {
  const register: unknown = bound(target, name)
  return (factory) =>
    typeof register === 'function'
      ? Reflect.apply(register, target, [replace(kind, factory)])
      : undefined
}

/** Methods find their own private fields. */
function bound(target: object, key: PropertyKey): unknown {
  const value: unknown = Reflect.get(target, key)
  return typeof value === 'function' ? value.bind(target) : value
}
