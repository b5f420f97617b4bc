import {
  type AnyOptions,
  isGatewayError,
  type JsonSchema,
  type OptionsSchema,
  type ValueSchema,
} from '@gatewright/kernel'
import type { WrittenOptions } from '../mount/mount-middleware.ts'
import { type Check, mustHold } from './check.ts'

/** Options to try a factory with. */
export interface OptionCases {
  /** Blocks as a user writes them; at least one. The first is used where one is enough. */
  readonly valid: readonly [WrittenOptions, ...WrittenOptions[]]
  /** Blocks that must be refused. */
  readonly invalid: readonly WrittenOptions[]
}

/** A factory as its schema concerns these checks. */
export interface SchemaSubject extends OptionCases {
  readonly type: string
  readonly schema: OptionsSchema<AnyOptions>
  /** Keys of the block that do not belong to the factory. */
  readonly foreignKeys: readonly string[]
  /** Makes an instance through a real configuration, and lets go of it. */
  readonly instantiate: (options: WrittenOptions) => Promise<void>
}

/** What the schema of every factory must be, and what it must refuse. */
export function schemaChecks(subject: SchemaSubject): Check[] {
  const { type, valid } = subject
  return [
    {
      name: 'has a type in kebab-case',
      run: async () => mustHold(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(type), `type "${type}"`),
    },
    ...blockChecks({ ...subject, valid: valid[0] }),
    ...casesChecks(subject),
  ]
}

/** A block as its schema concerns these checks. */
export interface BlockSubject extends Pick<SchemaSubject, 'type' | 'schema' | 'foreignKeys'> {
  readonly valid: unknown
  readonly instantiate: (options: WrittenOptions) => Promise<void>
}

/** What the schema of every block must be. */
export function blockChecks(subject: BlockSubject): Check[] {
  const { type, instantiate } = subject
  // An options schema is a JSON Schema.
  const schema = subject.schema as unknown as JsonSchema
  // What is valid for a block is one.
  const valid = subject.valid as WrittenOptions
  return [
    { name: 'describes every option', run: async () => described(schema) },
    { name: 'says in words what each pattern wants', run: async () => worded(schema) },
    { name: 'lets no unknown key pass, at any depth', run: async () => closed(schema, type) },
    { name: 'leaves the common keys alone', run: async () => ownKeysOnly(subject) },
    { name: 'suggests the nearest key for a misspelt one', run: () => misspelt(subject, valid) },
    { name: 'has defaults that are valid', run: () => instantiate(withoutDefaults(schema, valid)) },
  ]
}

/** What the schema of a single value must be. */
export function valueChecks({ description }: ValueSchema): Check[] {
  return [
    {
      name: 'describes its value',
      run: async () => mustHold(description.trim() !== '', 'it has no description'),
    },
  ]
}

/** What is to be tried, and how. */
export interface CasesSubject<O> {
  readonly valid: readonly O[]
  readonly invalid: readonly O[]
  readonly instantiate: (options: O) => Promise<void>
}

/** That what is valid is accepted, and what is not is refused. */
export function casesChecks<O>({ valid, invalid, instantiate }: CasesSubject<O>): Check[] {
  return [
    ...valid.map((options) => ({
      name: `accepts ${JSON.stringify(options)}`,
      run: () => instantiate(options),
    })),
    ...invalid.map((options) => ({
      name: `refuses ${JSON.stringify(options)}`,
      run: async () => {
        const refused = await refusalOf(instantiate(options))
        mustHold(refused !== undefined, `${JSON.stringify(options)} was accepted`)
      },
    })),
  ]
}

/** Each part of a schema that describes a value, with its path for messages. */
function* partsOf(schema: JsonSchema, path: string): Generator<readonly [string, JsonSchema]> {
  yield [path, schema]
  for (const [key, part] of Object.entries(schema.properties ?? {})) {
    yield* partsOf(part, `${path}.${key}`)
  }
  if (schema.items !== undefined) yield* partsOf(schema.items, `${path}[]`)
  const { additionalProperties } = schema
  if (typeof additionalProperties === 'object') yield* partsOf(additionalProperties, `${path}.*`)
}

function described(schema: JsonSchema): void {
  for (const [path, part] of partsOf(schema, 'options')) {
    for (const [key, { description }] of Object.entries(part.properties ?? {})) {
      const present = typeof description === 'string' && description.trim() !== ''
      mustHold(present, `${path}.${key} has no description`)
    }
  }
}

function worded(schema: JsonSchema): void {
  for (const [path, part] of partsOf(schema, 'options')) {
    const { pattern, 'x-gatewright-expected': words } = part
    const present = pattern === undefined || typeof words === 'string'
    mustHold(present, `${path} has a pattern and no "x-gatewright-expected"`)
  }
}

function closed(schema: JsonSchema, type: string): void {
  for (const [path, part] of partsOf(schema, type)) {
    if (part.type !== 'object') continue
    const { additionalProperties } = part
    const ok = additionalProperties === false || typeof additionalProperties === 'object'
    mustHold(ok, `${path} takes unknown keys; expected "additionalProperties: false"`)
  }
}

function ownKeysOnly({ schema, foreignKeys }: BlockSubject): void {
  const clash = foreignKeys.find((key) => Object.hasOwn(schema.properties, key))
  mustHold(clash === undefined, `"${clash}" belongs to the kernel`)
}

async function misspelt(
  { schema, foreignKeys, instantiate }: BlockSubject,
  valid: WrittenOptions,
): Promise<void> {
  const known = [...Object.keys(schema.properties), ...foreignKeys]
  for (const key of known) {
    const wrong = `${key}_`
    const refusal = await refusalOf(instantiate({ ...valid, [wrong]: 'x' }))
    mustHold(refusal !== undefined, `"${wrong}" was accepted`)
    const problem = refusal.problems.find(({ code }) => code === 'GW_CONFIG_UNKNOWN_KEY')
    mustHold(problem?.suggestion !== undefined, `no key is suggested for "${wrong}"`)
  }
}

function withoutDefaults(schema: JsonSchema, options: WrittenOptions): WrittenOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([key]) => schema.properties?.[key]?.['default'] === undefined),
  )
}

/** The error that says what is wrong with options; `undefined` if nothing is. */
async function refusalOf(instantiating: Promise<void>) {
  try {
    await instantiating
    return undefined
  } catch (error) {
    if (isGatewayError(error) && error.code === 'GW_INVALID_OPTIONS') return error
    throw error
  }
}
