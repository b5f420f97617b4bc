/**
 * The keys that belong to the kernel, and how they are put together with those of factories.
 *
 * @module
 */
import type { CommonKeys } from './blueprint.ts'
import type { AnyOptions, JsonSchema, OptionsSchema } from './schema.ts'

type Properties = Readonly<Record<string, JsonSchema>>

/** The sections of labelled blocks that the kernel reads itself. */
export const ownSections: readonly string[] = [
  'entrypoints',
  'routers',
  'services',
  'middlewares',
  'providers',
]

const labels: JsonSchema = { type: 'array', items: { type: 'string' }, default: [] }

/** Of every `routers` block. */
export const routerSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['rule', 'service'],
  properties: {
    rule: { type: 'string', description: 'Which requests it takes, in the rule language.' },
    service: { type: 'string', description: 'Where they go.' },
    entrypoints: { ...labels, description: 'Where it listens; empty means everywhere.' },
    middlewares: { ...labels, description: 'What they pass through, in this order.' },
    priority: {
      type: 'integer',
      default: 0,
      description: 'Higher is tried first; 0 means the length of the rule.',
    },
  },
}

/** Of every `entrypoints` block. */
export const entrypointKeys: Properties = {
  address: { type: 'string', description: '`host:port`, `[v6]:port` or `:port`.' },
  protocol: { type: 'string', default: 'http', description: 'What is spoken there.' },
}

/** Of every block in `providers`. */
export const providerKeys: Properties = {
  initial_sync_timeout: {
    duration: true,
    default: '5s',
    description: 'How long a start waits for what it contributes.',
  },
}

/** Of every `middlewares` block. */
export const commonMiddlewareKeys: OptionsSchema<CommonKeys> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    skip_paths: {
      type: 'array',
      items: {
        type: 'string',
        // No path with dot segments is exempt; and whoever writes a star means more than a star.
        pattern: '^(?!.*/(?:\\.|%2[eE]){1,2}(?:/|$))/[^?#*]*$',
        'x-gatewright-expected':
          'a path that begins with "/", without "*", dot segments and query (what lies below it is exempt, too)',
      },
      default: [],
      description: 'Requests for these paths, and for what lies below them, pass by it.',
    },
    scope: {
      type: 'string',
      enum: ['definition', 'router'],
      default: 'definition',
      description: 'Whether all routers share one instance, or each has its own.',
    },
    dry_run: {
      type: 'boolean',
      default: false,
      description: 'Decide and log, but reject nothing.',
    },
  },
}

/** Of every `load_balancer` block. */
export const loadBalancerKeys: Properties = {
  strategy: {
    type: 'string',
    default: 'round-robin',
    description: 'How an endpoint is chosen.',
  },
  servers: {
    type: 'array',
    default: [],
    description: 'The endpoints.',
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['url'],
      properties: {
        url: { type: 'string', minLength: 1, description: 'Scheme, host, port, base path.' },
        weight: {
          type: 'integer',
          minimum: 0,
          default: 1,
          description: 'Share of the traffic; 0 takes no new requests.',
        },
      },
    },
  },
}

/** Top-level attributes that belong to the kernel. */
export const topLevelKeys: Properties = {
  shutdown_timeout_secs: {
    type: 'integer',
    minimum: 1,
    maximum: 86_400,
    default: 30,
    description: 'Seconds that a shutdown and a replaced configuration wait for exchanges.',
  },
}

/** The same as a schema. */
export const topLevelSchema: OptionsSchema<AnyOptions> = {
  type: 'object',
  additionalProperties: false,
  // Each of them has a description.
  properties: topLevelKeys as OptionsSchema<AnyOptions>['properties'],
}

/** The schema of a block whose keys belong to several owners. */
export function combine(
  own: Properties,
  required: readonly string[],
  parts: readonly OptionsSchema<AnyOptions>[],
): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: [...required, ...parts.flatMap(({ required: keys }) => keys ?? [])],
    properties: Object.assign({}, own, ...parts.map(({ properties }) => properties)),
  }
}

/** Those of the options that a schema describes. */
export function pick(
  options: Readonly<Record<string, unknown>>,
  schema: OptionsSchema<AnyOptions>,
): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const key of Object.keys(schema.properties)) {
    if (options[key] !== undefined) picked[key] = options[key]
  }
  return picked
}
