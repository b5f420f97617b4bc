/**
 * Tells a plugin from what somebody takes for one. The compiler does so in TypeScript; a package in
 * plain JavaScript, or one that exports something else, learns of it when it is loaded.
 *
 * @module
 */
import { errors } from './errors.ts'

/** A package name (https://docs.npmjs.com/cli/configuring-npm/package-json), or kebab-case. */
const namePattern = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]{0,200}$/

/** Throws GW_PLUGIN_INVALID for what is no plugin, such as a module in place of its default export. */
export function checkPlugin(given: unknown): void {
  const found = flawOf(given)
  if (found !== undefined) throw errors.GW_PLUGIN_INVALID({ found })
}

/** What is given in place of a plugin; `undefined` if it is one. */
function flawOf(given: unknown): string | undefined {
  if (typeof given === 'function') {
    return 'a function; export what it returns: definePlugin({ name, setup })'
  }
  if (typeof given !== 'object' || given === null) return wordFor(given)
  // Any object may be asked for any key.
  const { name, setup, create, type, default: inner } = given as Record<string, unknown>
  if (name === undefined && setup === undefined) {
    if (typeof create === 'function') {
      return `the factory "${String(type)}"; register it in the "setup" of a plugin`
    }
    const found = `an object with ${Object.keys(given).join(', ') || 'nothing in it'}`
    return inner === undefined ? found : `${found}, which may be the plugin`
  }
  return flawIn(given as Record<string, unknown>)
}

/** What is wrong with something that looks like a plugin. */
function flawIn(given: Readonly<Record<string, unknown>>): string | undefined {
  const { name, setup, apiVersion, schema, requires, after } = given
  const owner = `an object with ${Object.keys(given).join(', ')}`
  if (typeof name !== 'string') return `${owner}, whose "name" is ${wordFor(name)}`
  if (!namePattern.test(name)) {
    return `one named ${JSON.stringify(name)}; a name is that of its package, or kebab-case`
  }
  const plugin = `"${name}"`
  if (typeof setup !== 'function') return `${plugin}, whose "setup" is ${wordFor(setup)}`
  if (apiVersion !== undefined && !Number.isInteger(apiVersion)) {
    return `${plugin}, whose "apiVersion" is ${wordFor(apiVersion)} and no integer`
  }
  if (schema !== undefined && !hasProperties(schema)) {
    return `${plugin}, whose "schema" is not that of an object with "properties"`
  }
  for (const [key, names] of Object.entries({ requires, after })) {
    if (names === undefined || isListOfNames(names)) continue
    return `${plugin}, whose "${key}" is no list of names`
  }
  return undefined
}

function hasProperties(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'properties' in schema
}

function isListOfNames(names: unknown): boolean {
  return Array.isArray(names) && names.every((name) => typeof name === 'string')
}

function wordFor(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  const shown = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return shown ? JSON.stringify(value) : `a value of type ${typeof value}`
}
