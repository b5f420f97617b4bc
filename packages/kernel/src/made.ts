/**
 * What `create` of a factory may return. The compiler sees to it in TypeScript; a plugin in plain
 * JavaScript learns of its mistake when the configuration is loaded, not with the first request.
 *
 * @module
 */
import { badResult } from './failure.ts'

const filterSteps = ['onRequest', 'onResponse', 'onConnection']

/** Throws GW_PLUGIN_BAD_RESULT for what is neither a filter nor an around, or both. */
export function checkMiddleware(made: unknown, type: string): void {
  const isBoth = has(made, 'around') && filterSteps.some((step) => has(made, step))
  if (typeof made === 'object' && made !== null && !isBoth && hasOnlyFunctions(made)) return
  throw badResult(`middleware type "${type}"`, 'create', 'either a filter or an around', made)
}

/** Throws GW_PLUGIN_BAD_RESULT for what neither sends requests nor connects streams. */
export function checkTransport(made: unknown, type: string): void {
  if (!has(made, 'connect')) checkMethod(made, 'send', `transport "${type}"`)
}

/** Throws GW_PLUGIN_BAD_RESULT for what has no such method. */
export function checkMethod(made: unknown, method: string, owner: string): void {
  if (has(made, method)) return
  throw badResult(owner, 'create', `an object with the method "${method}"`, made)
}

function has(made: unknown, method: string): boolean {
  return valueOf(made, method) !== undefined
}

function hasOnlyFunctions(made: unknown): boolean {
  return ['around', 'onSkip', ...filterSteps].every((step) => {
    const value = valueOf(made, step)
    return value === undefined || typeof value === 'function'
  })
}

function valueOf(made: unknown, key: string): unknown {
  // Any object may be asked for any key.
  return typeof made === 'object' && made !== null
    ? (made as Record<string, unknown>)[key]
    : undefined
}
