/**
 * What the active configuration has of a thing that several sections may ask for.
 *
 * @module
 */
import type { GatewayHooks } from './hooks.ts'
import type { Snapshot } from './snapshot.ts'

/** What a configuration has of it. */
export type FindValue<T> = (snapshot: Snapshot) => T | undefined

/**
 * Remembers what the active configuration of each gateway has of a thing, however many plugins ask
 * for it in their own blocks.
 */
export class ActiveValues<T> {
  readonly #gateways = new WeakMap<GatewayHooks, Map<FindValue<T>, T | undefined>>()

  /** Follows what one plugin finds. For `setup`. */
  follow(hooks: GatewayHooks, tap: string, find: FindValue<T>): void {
    let found = this.#gateways.get(hooks)
    if (found === undefined) {
      found = new Map()
      this.#gateways.set(hooks, found)
    }
    const values = found
    hooks.activate.tap(tap, (next) => void values.set(find, find(next)))
  }

  /** What the active configuration has; `undefined` if nobody asked for it there. */
  of({ hooks }: { readonly hooks: GatewayHooks }): T | undefined {
    for (const value of this.#gateways.get(hooks)?.values() ?? []) {
      if (value !== undefined) return value
    }
    return undefined
  }
}
