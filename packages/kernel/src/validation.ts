/**
 * Checks options against their schema, fills in defaults, and turns units into numbers.
 *
 * @module
 */
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import type { ConfigPath, ConfigProblem, Report } from './config.ts'
import { errors } from './errors.ts'
import { problemOf as whatWasThrown } from './gateway-error.ts'
import { nearest } from './nearest.ts'
import { rangeWords } from './range-words.ts'
import type { JsonSchema, OptionsSchema } from './schema.ts'
import { withoutUrlSecrets } from './secret-url.ts'
import { withUnitBounds } from './unit-schema.ts'
import { ajv } from './validator.ts'

const compiled = new WeakMap<object, ValidateFunction>()
/** Schemas that are put together anew for each block are equal for blocks of one kind. */
const compiledByText = new Map<string, ValidateFunction>()

/**
 * Options as a factory's `create` gets them. Reports every problem; the result is of use only if
 * there was none. Does not change `value`.
 */
export function validate(
  schema: object,
  value: unknown,
  path: ConfigPath,
  report: Report,
  isSecret: (path: ConfigPath) => boolean = () => false,
): unknown {
  const check = compiled.get(schema) ?? compile(schema)
  let copy: unknown
  try {
    copy = structuredClone(value)
  } catch (error) {
    const message = `expected plain data: ${whatWasThrown(error)}`
    report({ path, code: 'GW_CONFIG_TYPE', message })
    return undefined
  }
  if (check(copy)) return copy
  for (const error of withoutMisspelt(withoutRepeats(check.errors ?? []))) {
    const steps = pointerSteps(error.instancePath, copy)
    const where = [...path, ...steps]
    report(problemOf(error, where, isSecret(where) || secrecyOf(schema, steps)))
  }
  return copy
}

/**
 * The same for options that stand alone, such as those of a plugin.
 * Throws GW_INVALID_OPTIONS, whose `problems` has all of them.
 */
export function validateOptions<O>(schema: OptionsSchema<O>, value: unknown): O {
  const problems: ConfigProblem[] = []
  const options = validate(schema, value ?? {}, [], (problem) => problems.push(problem))
  const [first] = problems
  if (first !== undefined) {
    const where = first.path.join('.')
    const problem = where === '' ? first.message : `${where}: ${first.message}`
    throw errors.GW_INVALID_OPTIONS({ problem }, { problems })
  }
  // The schema is checked against O by the compiler, and the value against the schema just now.
  return options as O
}

function compile(schema: object): ValidateFunction {
  const text = JSON.stringify(schema)
  let check = compiledByText.get(text)
  if (check === undefined) {
    // Every schema here is one of those that `JsonSchema` describes.
    check = ajv.compile(withUnitBounds(schema as JsonSchema))
    compiledByText.set(text, check)
  }
  compiled.set(schema, check)
  return check
}

/** What a pattern refuses in words need not be refused for its format as well. */
function withoutRepeats(found: readonly ErrorObject[]): readonly ErrorObject[] {
  const worded = found.filter(
    ({ keyword, parentSchema }) =>
      keyword === 'pattern' && parentSchema?.['x-gatewright-expected'] !== undefined,
  )
  return found.filter(
    ({ keyword, instancePath }) =>
      keyword !== 'format' || worded.every((other) => other.instancePath !== instancePath),
  )
}

/** What is only misspelt is told of where it stands, and not also as missing. */
function withoutMisspelt(found: readonly ErrorObject[]): readonly ErrorObject[] {
  const unknown = found.filter(({ keyword }) => keyword === 'additionalProperties')
  if (unknown.length === 0) return found
  return found.filter(
    ({ keyword, instancePath, params }) =>
      keyword !== 'required' ||
      unknown.every(
        (other) =>
          other.instancePath !== instancePath ||
          problemOf(other, [], false).suggestion !== params['missingProperty'],
      ),
  )
}

function problemOf(error: ErrorObject, path: ConfigPath, secrecy: Secrecy): ConfigProblem {
  const { params, parentSchema } = error
  if (error.keyword === 'additionalProperties') {
    const key = String(params['additionalProperty'])
    return unknownKey([...path, key], Object.keys(parentSchema?.['properties'] ?? {}))
  }
  if (error.keyword === 'required') {
    const key = String(params['missingProperty'])
    return { path, code: 'GW_CONFIG_MISSING_KEY', message: `"${key}" is required` }
  }
  return { path, ...describe(error, showAsFarAs(secrecy, error.data)) }
}

/** What of a value may not be shown: all, the secret parts of a URL, nothing. */
type Secrecy = boolean | 'url'

function showAsFarAs(secrecy: Secrecy, value: unknown): string {
  if (secrecy === false) return show(value)
  if (secrecy === 'url' && typeof value === 'string') return show(withoutUrlSecrets(value))
  return 'a secret value that does not fit'
}

/** What the schema says of the value, or of something around it. */
function secrecyOf(schema: object, steps: ConfigPath): Secrecy {
  // Every schema here is a JSON Schema of the kinds that `JsonSchema` describes.
  let part: JsonSchema | undefined = schema as JsonSchema
  for (const step of steps) {
    if (part?.['x-gatewright-secret'] === true) return true
    part = part && partOf(part, step)
  }
  const secrecy = part?.['x-gatewright-secret']
  return secrecy === true || secrecy === 'url' ? secrecy : false
}

function partOf(schema: JsonSchema, step: string | number): JsonSchema | undefined {
  const { properties, additionalProperties, items } = schema
  if (typeof step === 'number') return items
  const rest = typeof additionalProperties === 'object' ? additionalProperties : undefined
  return properties?.[step] ?? rest
}

/** An unknown key, with the nearest known one. */
export function unknownKey(path: ConfigPath, known: readonly string[]): ConfigProblem {
  const key = String(path.at(-1))
  const suggestion = nearest(key, known)
  const rest = known.length === 0 ? '' : `; known: ${known.toSorted().join(', ')}`
  return {
    path,
    code: 'GW_CONFIG_UNKNOWN_KEY',
    message:
      suggestion === undefined
        ? `unknown key "${key}"${rest}`
        : `unknown key "${key}"; did you mean "${suggestion}"?`,
    ...(suggestion !== undefined && { suggestion }),
  }
}

type Description = Pick<ConfigProblem, 'code' | 'message' | 'suggestion'>

function describe(error: ErrorObject, found: string): Description {
  const { keyword, params } = error
  // Every schema here is one of those that `JsonSchema` describes.
  const { 'x-gatewright-expected': words } = (error.parentSchema ?? {}) as JsonSchema
  if (keyword === 'type') {
    return { code: 'GW_CONFIG_TYPE', message: `expected ${noun(params['type'])}, found ${found}` }
  }
  if (keyword === 'enum') return describeEnum(params['allowedValues'], error.data, found)
  if (keyword === 'duration') return unitProblem('GW_CONFIG_DURATION', error, found)
  if (keyword === 'bytes') return unitProblem('GW_CONFIG_SIZE', error, found)
  if (keyword === 'pattern') {
    const message =
      typeof words === 'string'
        ? `expected ${words}, found ${found}`
        : `${found} does not match ${String(params['pattern'])}`
    return { code: 'GW_CONFIG_PATTERN', message }
  }
  if (keyword === 'format') {
    const message = `expected ${formatNouns[String(params['format'])] ?? 'another form'}, found ${found}`
    return { code: 'GW_CONFIG_FORMAT', message }
  }
  return { code: 'GW_CONFIG_RANGE', message: rangeWords(error, found) }
}

function unitProblem(code: string, { message }: ErrorObject, found: string): Description {
  return { code, message: `${message ?? 'does not fit'}, found ${found}` }
}

function describeEnum(allowed: unknown, data: unknown, found: string): Description {
  const values = Array.isArray(allowed) ? allowed.map(String) : []
  const suggestion = typeof data === 'string' ? nearestValue(data, values) : undefined
  const list = values.map((value) => `"${value}"`).join(', ')
  return {
    code: 'GW_CONFIG_VALUE',
    message:
      `expected one of ${list}, found ${found}` +
      (suggestion === undefined ? '' : `; did you mean "${suggestion}"?`),
    ...(suggestion !== undefined && { suggestion }),
  }
}

/** Also one that is written shorter or longer, such as `br` for `brotli`. */
function nearestValue(text: string, values: readonly string[]): string | undefined {
  const sameBeginning = values.filter(
    (value) =>
      value.length > 1 && text.length > 1 && (text.startsWith(value) || value.startsWith(text)),
  )
  return nearest(text, values) ?? (sameBeginning.length === 1 ? sameBeginning[0] : undefined)
}

const formatNouns: Readonly<Record<string, string>> = {
  cidr: 'an IP address or a network such as "10.0.0.0/8"',
  hostname: 'a host name',
  regex: 'a regular expression',
  uri: 'a URL',
}

function noun(type: unknown): string {
  const nouns: Readonly<Record<string, string>> = {
    array: 'a list',
    boolean: 'true or false',
    integer: 'an integer',
    number: 'a number',
    object: 'a block',
    string: 'a string',
  }
  return Array.isArray(type) ? type.map(noun).join(' or ') : (nouns[String(type)] ?? String(type))
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value))
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object' && value !== null) return 'a block'
  return String(value)
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** JSON pointer to path; a step into an array becomes a number. */
function pointerSteps(pointer: string, root: unknown): (string | number)[] {
  let node = root
  return pointer
    .split('/')
    .slice(1)
    .map((raw) => {
      const key = raw.replaceAll('~1', '/').replaceAll('~0', '~')
      const step = Array.isArray(node) ? Number(key) : key
      // Only follows what ajv walked through.
      node = (node as Record<string | number, unknown>)[step]
      return step
    })
}
