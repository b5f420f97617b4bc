/**
 * Takes out of a configuration what nobody may see: values whose schema says
 * `x-gatewright-secret`, of URLs the parts that may be secret, whatever came from the
 * environment or another file, and header fields such as `Authorization`.
 *
 * @module
 */
import type { Blueprint } from './blueprint.ts'
import type { ConfigPath, GatewayConfig } from './config.ts'
import type { Understood } from './gateway-options.ts'
import { isRecord } from './merged-config.ts'
import type { PluginLoader } from './plugin.ts'
import type { JsonSchema } from './schema.ts'
import { withoutUrlSecrets } from './secret-url.ts'

/** What stands in the place of a value that is not shown. */
export const redacted = '[redacted]'

/** Says what is put in the place of a value of which only a part may be shown, or nothing. */
export type Hide = (value: unknown, path: ConfigPath, shown: string) => unknown

/** A block of the configuration with the schema of those of its keys that one factory owns. */
interface Owned {
  readonly path: ConfigPath
  /** An options schema, which is a JSON Schema. */
  readonly schema: object
}

/**
 * The configuration with all defaults and without secrets.
 * @param loader The one that has read the configuration, if there is one.
 */
export async function redactedConfig(
  understood: Understood,
  loader: PluginLoader | undefined,
  hide: Hide = (_value, _path, shown) => shown,
): Promise<GatewayConfig> {
  const { blueprint } = understood
  const owned = [...ownedBlocks(blueprint), ...(await pluginOptions(blueprint.config, loader))]
  const secrets: Secrets = new Map()
  for (const { path, schema } of owned) {
    findSecrets(valueAt(blueprint.config, path), schema, path, secrets)
  }
  const secrecyOf = (path: ConfigPath): Secrecy | undefined =>
    understood.isSecret(path) || isSecretField(path) ? true : secrets.get(JSON.stringify(path))
  // Values change, the shape does not.
  return redact(blueprint.config, [], secrecyOf, hide) as GatewayConfig
}

/** Header fields by whose names one can tell that they show who somebody is. */
const secretFields =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key)$|token|secret|password/i

/** True for the value of such a field, in a map such as `request_headers`. */
function isSecretField(path: ConfigPath): boolean {
  const [map, name] = path.slice(-2)
  return typeof map === 'string' && map.endsWith('headers') && secretFields.test(String(name))
}

/** What is not shown of a value: all of it, or the secret parts of a URL. */
type Secrecy = true | 'url'

/** By path. */
type Secrets = Map<string, Secrecy>

function redact(
  value: unknown,
  path: ConfigPath,
  secrecyOf: (path: ConfigPath) => Secrecy | undefined,
  hide: Hide,
): unknown {
  const secrecy = path.length > 0 ? secrecyOf(path) : undefined
  if (secrecy === 'url' && typeof value === 'string') {
    const shown = withoutUrlSecrets(value)
    return shown === value ? value : hide(value, path, shown)
  }
  if (secrecy !== undefined) return hide(value, path, redacted)
  if (Array.isArray(value)) {
    return value.map((item, index) => redact(item, [...path, index], secrecyOf, hide))
  }
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      redact(item, [...path, key], secrecyOf, hide),
    ]),
  )
}

function findSecrets(value: unknown, schema: object, path: ConfigPath, secrets: Secrets): void {
  // Every schema here is one of those that `JsonSchema` describes.
  const { properties, items, additionalProperties, ...rest } = schema as JsonSchema
  const secrecy = rest['x-gatewright-secret']
  if (secrecy === true || secrecy === 'url') secrets.set(JSON.stringify(path), secrecy)
  if (Array.isArray(value)) {
    // A block that stands alone may still be a list of one.
    const inner = items ?? schema
    for (const [index, item] of value.entries()) {
      findSecrets(item, inner, [...path, index], secrets)
    }
    return
  }
  if (!isRecord(value)) return
  for (const [key, item] of Object.entries(value)) {
    const inner = properties?.[key] ?? additionalProperties
    if (typeof inner === 'object') findSecrets(item, inner, [...path, key], secrets)
  }
}

function ownedBlocks(blueprint: Blueprint): Owned[] {
  const { entrypoints, middlewares, services, sections, providers, routing } = blueprint
  return [
    ...entrypoints.flatMap(({ name, factory, features }) =>
      [factory, ...features.map((feature) => feature.factory)].map(({ schema }) => ({
        path: ['entrypoints', name],
        schema,
      })),
    ),
    ...middlewares.map(({ name, factory: { schema } }) => ({
      path: ['middlewares', name],
      schema,
    })),
    ...services.flatMap(ownedByService),
    ...sections.map(({ section, label }) => ({
      path: label === undefined ? [section.type] : [section.type, label],
      schema: section.factory.schema,
    })),
    ...providers.map(({ factory: { type, schema } }) => ({ path: ['providers', type], schema })),
    ...(routing === undefined ? [] : [{ path: [], schema: routing.factory.schema }]),
  ]
}

function ownedByService({
  name,
  balancer,
  transports,
  features,
}: Blueprint['services'][number]): Owned[] {
  const path = ['services', name]
  const balancing = [...path, 'load_balancer']
  return [
    ...[balancer, ...transports].map(({ factory: { schema } }) => ({ path: balancing, schema })),
    ...features.map(({ factory: { type, parent, schema } }) => ({
      path: [...(parent === 'service' ? path : balancing), type],
      schema,
    })),
  ]
}

/** What goes wrong with plugins was reported when the configuration was read. */
async function pluginOptions(
  config: GatewayConfig,
  loader: PluginLoader | undefined,
): Promise<Owned[]> {
  const listed = (await loader?.listed(config, () => {})) ?? []
  return listed.flatMap((entry) => {
    if ('problem' in entry || entry.plugin.schema === undefined) return []
    return [{ path: entry.path, schema: entry.plugin.schema }]
  })
}

function valueAt(value: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>((inner, key) => {
    return isRecord(inner) ? inner[key] : undefined
  }, value)
}
