/**
 * Puts a snapshot in the place of another one.
 *
 * @module
 */
import type { KnownDialects } from './dialect.ts'
import { type Draft, refusalOf } from './draft.ts'
import type { HookRunner } from './hook-runner.ts'
import type { GatewayHooks } from './hooks.ts'
import type { LiveSnapshot } from './live-snapshot.ts'
import type { SnapshotHolds } from './snapshot-holds.ts'
import type { TapMeters } from './tap-meters.ts'

/** What of the process goes by the configuration that is active. */
export interface Followers {
  readonly runner: HookRunner
  readonly dialects: KnownDialects
  readonly meters: TapMeters
}

/** Puts snapshots in force, one in the place of the other. */
export class SnapshotChange {
  readonly #hooks: GatewayHooks
  readonly #holds: SnapshotHolds
  readonly #followers: Followers

  constructor(hooks: GatewayHooks, holds: SnapshotHolds, followers: Followers) {
    this.#hooks = hooks
    this.#holds = holds
    this.#followers = followers
  }

  /** Rejects with why it cannot be; all is as before then, and the snapshot is disposed. */
  async to(draft: Draft, next: LiveSnapshot): Promise<void> {
    const holds = this.#holds
    const previous = holds.active
    try {
      if (draft.found.length > 0) throw refusalOf(draft)
      // A server may ask for the snapshot as soon as it is bound; connections wait for `activate`.
      holds.active ??= next
      const putInPlace = await next.listeners?.bind()
      this.#activate(next, previous)
      putInPlace?.(next.drainTimeoutMs)
    } catch (error) {
      holds.active = previous
      await next.holdings.dispose()
      throw error
    }
  }

  /** Cannot fail: whatever can has been done before. */
  #activate(next: LiveSnapshot, previous: LiveSnapshot | undefined): void {
    const { runner, dialects, meters } = this.#followers
    runner.refresh()
    dialects.refresh()
    this.#holds.activate(next)
    next.activate()
    meters.use(next.observers)
    this.#hooks.activate.call(next, previous)
    if (previous === undefined) return
    previous.holdings.deactivate()
    this.#holds.replace(previous, next.drainTimeoutMs)
  }
}
