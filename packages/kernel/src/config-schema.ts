/**
 * One JSON Schema of a whole configuration, for editors and other tools that know nothing of units
 * and registries.
 *
 * @module
 */
import {
  combine,
  commonMiddlewareKeys,
  entrypointKeys,
  loadBalancerKeys,
  providerKeys,
  routerSchema,
  topLevelKeys,
} from './block-schemas.ts'
import type { Extension } from './extensions.ts'
import type { AnyOptions, JsonSchema, OptionsSchema } from './schema.ts'

type Schemas = Readonly<Record<string, JsonSchema>>

const durationText = '^(?:\\d+(?:\\.\\d+)?(?:ms|s|m|h|d))+$|^\\d+$'
const sizeText = '^\\d+(?:\\.\\d+)? ?(?:[KMG]i?)?B?$'

/**
 * The schema (JSON Schema 2020-12) of configurations in which these extensions may be named. What
 * stands in blocks with a `type` or a `protocol` depends on that.
 * @param openKeys Top-level keys of which nothing is known but that they hold labelled blocks.
 */
export function configSchema(
  extensions: readonly Extension[],
  openKeys: readonly string[] = [],
): JsonSchema {
  const of = (kind: string): Extension[] => extensions.filter((one) => one.kind === kind)
  const open = { type: 'object', additionalProperties: { type: 'object' } }
  const sections = of('section').map(
    ({ type, schema = {}, labelled }) =>
      [type, labelled === true ? byLabel(schema) : schema] as const,
  )
  return plain({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Gatewright configuration',
    type: 'object',
    additionalProperties: false,
    properties: {
      ...topLevelKeys,
      ...propertiesOf(of('routing')),
      entrypoints: byLabel(entrypointSchema(of('protocol'), of('entrypoint feature'))),
      routers: byLabel(routerSchema),
      services: byLabel(serviceSchema(extensions)),
      middlewares: byLabel(middlewareSchema(of('middleware'))),
      providers: blockOf(
        Object.fromEntries(
          of('provider').map(({ type, schema }) => [type, withKeys(schema, providerKeys)]),
        ),
      ),
      ...Object.fromEntries(sections),
      ...Object.fromEntries(openKeys.map((key) => [key, open])),
    },
  })
}

function middlewareSchema(middlewares: readonly Extension[]): JsonSchema {
  const typeKey = { type: { enum: middlewares.map(({ type }) => type) } }
  return {
    type: 'object',
    required: ['type'],
    properties: typeKey,
    allOf: middlewares.map(({ type, schema }) =>
      when({ type: { const: type } }, ['type'], withKeys(schema, typeKey, commonMiddlewareKeys)),
    ),
  }
}

function entrypointSchema(
  protocols: readonly Extension[],
  features: readonly Extension[],
): JsonSchema {
  const known = protocols.map(({ type }) => type)
  const own = { ...entrypointKeys, protocol: { ...entrypointKeys['protocol'], enum: known } }
  return {
    type: 'object',
    required: ['address'],
    properties: own,
    allOf: protocols.map(({ type, schema }) => {
      const fitting = features.filter(({ protocols: all = known }) => all.includes(type))
      const condition = { protocol: { const: type } }
      // An entrypoint that names no protocol speaks the default one.
      const needed = type === entrypointKeys['protocol']?.['default'] ? [] : ['protocol']
      return when(condition, needed, withKeys(schema, own, ...fitting.map((one) => one.schema)))
    }),
  }
}

function serviceSchema(extensions: readonly Extension[]): JsonSchema {
  const features = extensions.filter(({ kind }) => kind === 'service feature')
  const within = (parent: string): Schemas =>
    Object.fromEntries(
      features
        .filter((one) => one.parent === parent)
        .map(({ type, schema = {} }) => [type, schema]),
    )
  const balancers = extensions.filter(({ kind }) => kind === 'balancer')
  const transports = extensions.filter(({ kind }) => kind === 'transport')
  const strategy = { ...loadBalancerKeys['strategy'], enum: balancers.map(({ type }) => type) }
  const balancing = {
    ...propertiesOf([...balancers, ...transports]),
    ...within('load_balancer'),
    ...loadBalancerKeys,
    strategy,
  }
  return blockOf({ load_balancer: blockOf(balancing), ...within('service') })
}

/** The schema of a factory with the keys of others beside its own. */
function withKeys(
  schema: JsonSchema | undefined,
  own: Schemas,
  ...others: readonly (object | undefined)[]
): JsonSchema {
  // Every part is the schema of an object.
  const parts = [schema, ...others].filter(
    (part) => part !== undefined,
  ) as OptionsSchema<AnyOptions>[]
  return combine(own, [], parts)
}

function when(properties: object, required: readonly string[], rest: JsonSchema): JsonSchema {
  // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
  return { if: { properties, required }, then: rest }
}

function propertiesOf(extensions: readonly Extension[]): Schemas {
  return Object.assign({}, ...extensions.map(({ schema }) => schema?.properties))
}

function blockOf(properties: Schemas): JsonSchema {
  return { type: 'object', additionalProperties: false, properties }
}

function byLabel(schema: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties: schema }
}

/** In words that every reader of JSON Schema knows. */
function plain(schema: JsonSchema): JsonSchema {
  const { duration, bytes, format, ...all } = schema
  const rest = duration === undefined && bytes === undefined ? all : withoutBounds(all)
  const words: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(rest)) {
    if (!key.startsWith('x-gatewright-')) words[key] = plainPart(key, value)
  }
  if (format === 'uri' || format === 'hostname' || format === 'regex') words['format'] = format
  const pattern = duration === undefined ? bytes && sizeText : durationText
  return pattern === undefined
    ? words
    : {
        ...words,
        anyOf: [
          { type: 'number', minimum: 0 },
          { type: 'string', pattern },
        ],
      }
}

/** The text of a duration or a size has none that JSON Schema could say. */
function withoutBounds(schema: JsonSchema): JsonSchema {
  const left = ['type', 'minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum']
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !left.includes(key)))
}

function plainPart(key: string, value: unknown): unknown {
  if (Array.isArray(value) && key === 'allOf') return value.map(plain)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (key === 'properties') {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
  }
  // Where schemas stand in the schemas of this kernel.
  const inner = ['items', 'additionalProperties', 'if', 'then'].includes(key)
  return inner ? plain(value as JsonSchema) : value
}
