/**
 * What sets the hooks apart from each other, as far as it concerns their guard.
 *
 * @module
 */
import type { GatewayHooks } from './hooks.ts'
import { GatewayResponse } from './response.ts'

/** What sets one hook apart from the others. */
export interface HookNature {
  readonly arity: 0 | 1 | 2
  /** True if the first argument belongs to a snapshot, which may not use the plugin of the tap. */
  readonly ofSnapshot?: true
  /** True if a failure concerns nobody else and is reported only. */
  readonly harmless?: true
  /** Tells a valid answer from nonsense; without it, what a tap returns is ignored. */
  readonly accepts?: (result: unknown) => boolean
  /** What it accepts, in words. */
  readonly expected?: string
}

/** Of every hook. */
export const natures: Readonly<Record<keyof GatewayHooks, HookNature>> = {
  config: { arity: 1, accepts: isObject, expected: 'a configuration or nothing' },
  activate: { arity: 2 },
  configRefusal: { arity: 1, harmless: true },
  retire: { arity: 1, harmless: true },
  close: { arity: 0, harmless: true },
  connection: {
    arity: 1,
    ofSnapshot: true,
    accepts: (result) => isObject(result) && 'reason' in result,
    expected: 'a refusal or nothing',
  },
  refusal: { arity: 2, ofSnapshot: true },
  request: {
    arity: 1,
    ofSnapshot: true,
    accepts: (result) => result instanceof GatewayResponse,
    expected: 'a GatewayResponse or nothing',
  },
  route: {
    arity: 1,
    ofSnapshot: true,
    accepts: (result) => isObject(result) && 'router' in result,
    expected: 'a route or nothing',
  },
  upstream: { arity: 2, ofSnapshot: true },
  upstreamEnd: { arity: 2, ofSnapshot: true },
  response: { arity: 2, ofSnapshot: true },
  finish: { arity: 1, ofSnapshot: true },
}

/** Whether the first argument of a hook is an exchange. */
export function metersExchanges(hook: keyof GatewayHooks): boolean {
  return natures[hook].ofSnapshot === true && hook !== 'connection' && hook !== 'refusal'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
