/**
 * What `create` of a factory may return. The compiler sees to it in TypeScript; a plugin in plain
 * JavaScript learns of its mistake when the configuration is loaded, not with the first request.
 *
 * @module
 */
import { errors } from './errors.ts'
import { badResult } from './failure.ts'
import { nearest } from './nearest.ts'

const filterSteps = ['onRequest', 'onResponse', 'onConnection', 'onSkip']
const aroundSteps = ['around', 'onSkip']
const middlewareSteps = [...new Set([...filterSteps, ...aroundSteps])]
const observing = ['attemptEnded', 'attemptBroke', 'attemptConcluded']
const featureSteps = ['around', 'wrapBalancer', 'begin', 'onResponse', ...observing]

/** Throws GW_PLUGIN_BAD_RESULT for what is neither a filter nor an around, or both. */
export function checkMiddleware(made: unknown, owner: string): void {
  const isAround = has(made, 'around')
  const isBoth = isAround && filterSteps.some((step) => step !== 'onSkip' && has(made, step))
  if (!isObject(made) || isBoth || !hasOnlyFunctions(made, middlewareSteps)) {
    throw badResult(owner, 'create', 'either a filter or an around', made)
  }
  const isFilter = filterSteps.some((step) => has(made, step))
  const known = isAround ? aroundSteps : isFilter ? filterSteps : middlewareSteps
  checkSpelling(made, known, owner)
  const others = functionsOf(made)
  if (isAround || isFilter || others.length === 0) return
  throw strangers(others, known.join(', '), owner)
}

/** Throws GW_PLUGIN_BAD_RESULT for what neither sends requests nor connects streams. */
export function checkTransport(made: unknown, owner: string): void {
  if (!has(made, 'connect')) checkMethod(made, 'send', owner)
}

/** Throws GW_PLUGIN_BAD_RESULT for what picks nothing, or misspells what it learns by. */
export function checkBalancer(made: unknown, owner: string): void {
  checkMethod(made, 'pick', owner)
  checkSpelling(made, observing, owner)
}

/** Throws GW_PLUGIN_BAD_RESULT for what is no feature of a service, or misspells what it does. */
export function checkFeature(made: unknown, owner: string): void {
  checkObject(made, featureSteps, owner, 'a service feature')
}

/** The same for features of entrypoints. */
export function checkEntrypointFeature(made: unknown, owner: string): void {
  checkObject(made, ['onAccept', 'onIdentified'], owner, 'a feature of entrypoints')
}

/** Throws GW_PLUGIN_BAD_RESULT for what cannot be watched. */
export function checkProvider(made: unknown, owner: string): void {
  checkMethod(made, 'watch', owner)
  const watch = valueOf(made, 'watch')
  // It returns a promise, which nobody can go through.
  if (Object.prototype.toString.call(watch) !== '[object AsyncFunction]') return
  const expected = 'a generator: "async *watch(signal)"'
  const found = 'an object whose "watch" is an async function'
  throw errors.GW_PLUGIN_BAD_RESULT({ owner, where: 'create', expected, found })
}

/** Throws GW_PLUGIN_BAD_RESULT for what has no such method. */
export function checkMethod(made: unknown, method: string, owner: string): void {
  const value = valueOf(made, method)
  if (typeof value === 'function') return
  const expected = `an object with the method "${method}"`
  if (value !== undefined)
    throw badResult(owner, 'create', `${expected}, not a ${typeof value}`, made)
  const other = functionsOf(made).find((name) => nearest(name, [method]) !== undefined)
  const rest = other === undefined ? '' : `; it has "${other}"`
  throw badResult(owner, 'create', expected + rest, made)
}

function checkObject(
  made: unknown,
  known: readonly string[],
  owner: string,
  expected: string,
): void {
  if (!isObject(made) || !hasOnlyFunctions(made, known)) {
    throw badResult(owner, 'create', expected, made)
  }
  checkSpelling(made, known, owner)
}

/**
 * Throws GW_PLUGIN_BAD_RESULT for a function with almost the name of one that is not there. Others
 * belong to whoever made the object.
 */
function checkSpelling(made: unknown, known: readonly string[], owner: string): void {
  const missing = known.filter((name) => !has(made, name))
  for (const name of functionsOf(made)) {
    const meant = known.includes(name) ? undefined : nearest(name, missing)
    if (meant === undefined) continue
    throw strangers([name], `${known.join(', ')}; did you mean "${meant}"?`, owner)
  }
}

function strangers(names: readonly string[], expected: string, owner: string): Error {
  const found = `an object with ${names.map((name) => `"${name}"`).join(', ')}`
  return errors.GW_PLUGIN_BAD_RESULT({
    owner,
    where: 'create',
    expected: `one of ${expected}`,
    found,
  })
}

function isObject(made: unknown): made is object {
  return typeof made === 'object' && made !== null
}

function has(made: unknown, method: string): boolean {
  return valueOf(made, method) !== undefined
}

function hasOnlyFunctions(made: object, names: readonly string[]): boolean {
  return names.every((name) => {
    const value = valueOf(made, name)
    return value === undefined || typeof value === 'function'
  })
}

/** Names of its methods, those of its class as well. */
function functionsOf(made: unknown): string[] {
  const names = new Set<string>()
  let level: unknown = made
  while (isObject(level) && level !== Object.prototype) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name)
    }
    level = Object.getPrototypeOf(level)
  }
  return [...names]
}

function valueOf(made: unknown, key: string): unknown {
  // Any object may be asked for any key.
  return isObject(made) ? (made as Record<string, unknown>)[key] : undefined
}
