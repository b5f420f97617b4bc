/**
 * What a factory has to have to be registered. The compiler sees to it in TypeScript; an author in
 * plain JavaScript learns of it when the plugin is set up, whatever a configuration uses of it.
 *
 * @module
 */
import { errors } from './errors.ts'
import { nearest } from './nearest.ts'
import { foundIn, type SchemaKind, schemaFlaw } from './schema-flaw.ts'

interface Shape {
  readonly method: string
  /** `undefined` for those that take no options. */
  readonly schema?: SchemaKind
}

const made: Shape = { method: 'create', schema: 'block' }
const value: Shape = { method: 'create', schema: 'value' }

/** By noun. Of registries that plugins add, they know themselves what has to be there. */
const shapes: ReadonlyMap<string, Shape> = new Map([
  ['protocol', made],
  ['entrypoint feature', made],
  ['middleware type', made],
  ['strategy', made],
  ['transport', made],
  ['provider', made],
  ['service feature', value],
  ['section', value],
  ['upgrade', { method: 'begin' }],
  ['dialect', { method: 'find' }],
  ['matcher', { method: 'compile' }],
  ['routing', { method: 'build' }],
])

/** Throws GW_PLUGIN_FACTORY_INVALID and GW_PLUGIN_SCHEMA_INVALID. */
export function checkDefinition(noun: string, plugin: string, given: unknown): void {
  const shape = shapes.get(noun)
  const refuse = (what: string, problem: string): never => {
    throw errors.GW_PLUGIN_FACTORY_INVALID({ what: `${what} of plugin "${plugin}"`, problem })
  }
  if (!isRecord(given)) return refuse(`a ${noun}`, `is ${foundIn(given)}; expected an object`)
  const { type } = given
  if (typeof type !== 'string' || !/^\S+$/.test(type)) {
    const expected = '"type" has to be a name without spaces'
    return refuse(`a ${noun}`, `has the "type" ${foundIn(type)}; ${expected}`)
  }
  if (shape === undefined) return
  const what = `${noun} "${type}"`
  // The registry of sections has more of them than their factory.
  const factory = noun === 'section' ? given['factory'] : given
  if (!isRecord(factory)) return refuse(what, `is ${foundIn(factory)}; expected an object`)
  if (shape.schema !== undefined) {
    const problem = schemaFlaw(factory['schema'], shape.schema)
    const owner = `${what} of plugin "${plugin}"`
    if (problem !== undefined) throw errors.GW_PLUGIN_SCHEMA_INVALID({ owner, problem })
  }
  const found = withoutMethod(factory, shape.method)
  if (found !== undefined) refuse(what, found)
  const flaw = noun === 'transport' ? schemesFlaw(factory['schemes']) : undefined
  if (flaw !== undefined) refuse(what, flaw)
}

/** What is no scheme of any URL would never be found. */
function schemesFlaw(schemes: unknown): string | undefined {
  if (!Array.isArray(schemes)) return `has the "schemes" ${foundIn(schemes)}; expected a list`
  for (const scheme of schemes) {
    if (typeof scheme === 'string' && /^[a-z][a-z0-9+.-]*$/.test(scheme)) continue
    const bare = typeof scheme === 'string' ? scheme.toLowerCase().replace(/:.*$/s, '') : ''
    const expected = bare === '' ? 'a name such as "http"' : `"${bare}"`
    return `has the scheme ${foundIn(scheme)}; expected ${expected}`
  }
  return undefined
}

function withoutMethod(
  factory: Readonly<Record<string, unknown>>,
  method: string,
): string | undefined {
  if (typeof factory[method] === 'function') return undefined
  if (factory[method] !== undefined) return `has a "${method}" that is no function`
  const other = Object.keys(factory).find((key) => nearest(key, [method]) !== undefined)
  return `has no "${method}"${other === undefined ? '' : `; it has "${other}"`}`
}

function isRecord(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === 'object' && given !== null
}
