/**
 * In which order the taps of the hooks run, for people who ask.
 *
 * @module
 */
import { natures } from './hook-natures.ts'
import type { GatewayHooks } from './hooks.ts'
import type { SetUp } from './set-up.ts'
import type { Snapshot } from './snapshot.ts'

/** A tap where it stands. */
export interface PlacedTap {
  /** As it was given to `tap`. */
  readonly name: string
  /** Whose it is; `undefined` if it is the program's that made the gateway. */
  readonly plugin: string | undefined
  /** What it asked for; lower runs earlier. */
  readonly stage: number
  /** Names of taps in front of which it was put, whatever its stage. */
  readonly before: readonly string[]
}

/** What the guard leaves on a tap beside what tapable puts there. @internal */
export interface TapOrigin {
  readonly setUp: SetUp | undefined
}

/** The names of all hooks, in the order in which a request meets them. */
export const hookNames: readonly (keyof GatewayHooks)[] = [
  'config',
  'configRefusal',
  'activate',
  'connection',
  'refusal',
  'request',
  'route',
  'upstream',
  'upstreamEnd',
  'response',
  'finish',
  'retire',
  'close',
]

/** The taps of a hook that run under a configuration, the first one first. */
export function tapOrder(
  hooks: GatewayHooks,
  hook: keyof GatewayHooks,
  snapshot: Snapshot,
): readonly PlacedTap[] {
  // Every tap has gone through the guard, which says where it comes from.
  const taps = hooks[hook].taps as unknown as readonly (TapOrigin & {
    readonly name: string
    readonly stage?: number
    readonly before?: string | readonly string[]
  })[]
  return taps
    .filter(({ setUp }) => runsUnder(setUp, hook, snapshot))
    .map(({ name, setUp, stage = 0, before = [] }) => ({
      name,
      plugin: setUp?.plugin,
      stage,
      before: [before].flat(),
    }))
}

function runsUnder(
  setUp: SetUp | undefined,
  hook: keyof GatewayHooks,
  snapshot: Snapshot,
): boolean {
  if (setUp === undefined) return true
  if (setUp.failed) return false
  return natures[hook].ofSnapshot !== true || snapshot.uses(setUp.plugin)
}
