/**
 * Which exchange holds which snapshot, and when a snapshot that was replaced can go.
 *
 * @module
 */
import { errors, routeReplaced } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { HookRunner } from './hook-runner.ts'
import type { LiveSnapshot } from './live-snapshot.ts'
import { Waiter } from './waiter.ts'

/** Every snapshot that is not retired yet, with its exchanges. */
export class SnapshotHolds {
  /** Serves new exchanges. Before the first one is activated, the one that will be. */
  active: LiveSnapshot | undefined = undefined
  readonly #hooks: HookRunner
  readonly #live = new Set<LiveSnapshot>()
  readonly #retiring = new Set<Promise<void>>()
  #stopping = false

  constructor(hooks: HookRunner) {
    this.#hooks = hooks
  }

  /** Snapshots that are active or wait for their last exchange. */
  get size(): number {
    return this.#live.size
  }

  /** Exchanges that have begun and not ended, on every snapshot. */
  get exchanges(): number {
    let count = 0
    for (const snapshot of this.#live) count += snapshot.exchanges.size
    return count
  }

  /** Makes `next` the active one. */
  activate(next: LiveSnapshot): void {
    this.active = next
    this.#live.add(next)
  }

  /** Retires `previous` when nothing needs it any more; the active one has taken its place. */
  replace(previous: LiveSnapshot, drainTimeoutMs: number): void {
    // Those of older snapshots as well: what they began with may be configured again.
    for (const { exchanges } of this.#live) {
      for (const exchange of exchanges.toArray()) if (exchange.established) this.passOn(exchange)
    }
    if (previous.exchanges.size === 0) return this.#retire(previous)
    const timer = setTimeout(() => {
      for (const exchange of previous.exchanges.toArray()) {
        if (!this.active?.serves(exchange, previous)) exchange.abort(routeReplaced())
      }
    }, drainTimeoutMs)
    previous.holdings.defer(() => clearTimeout(timer))
  }

  /** The exchange holds its snapshot from now on. */
  open(exchange: Exchange): void {
    holderOf(exchange).exchanges.add(exchange)
  }

  /** The gateway stops: asks every exchange to come to its end. Returns the active snapshot. */
  drain(): LiveSnapshot | undefined {
    this.#stopping = true
    for (const { exchanges } of this.#live) {
      for (const exchange of exchanges.toArray()) if (exchange.established) exchange.drain()
    }
    return this.active
  }

  /**
   * An established exchange that a reload did not concern moves to the active snapshot's hold; any
   * other one should come to its end.
   */
  passOn(exchange: Exchange): void {
    const { active } = this
    const holder = holderOf(exchange)
    if (this.#stopping) exchange.drain()
    if (active === undefined || holder === active || exchange.ended) return
    // Every snapshot that an exchange can have was made by the same gateway.
    if (!active.serves(exchange, exchange.snapshot as LiveSnapshot)) return exchange.drain()
    exchange.heldBy = active
    holder.exchanges.remove(exchange)
    active.exchanges.add(exchange)
    this.#retireUnused(holder)
  }

  /** The exchange holds its snapshot no more. */
  release(exchange: Exchange): void {
    const holder = holderOf(exchange)
    holder.exchanges.remove(exchange)
    this.#retireUnused(holder)
  }

  /** Fails every step that has been pending for more than `timeoutMs`. */
  expirePending(timeoutMs: number): void {
    const now = performance.now()
    for (const snapshot of this.#live) {
      for (const exchange of snapshot.exchanges.toArray()) Waiter.expire(exchange, now, timeoutMs)
    }
  }

  /** Gives up what still runs, and comes back when every snapshot is retired. */
  async retireAll(): Promise<void> {
    this.active = undefined
    for (const snapshot of this.#live) {
      for (const exchange of snapshot.exchanges.toArray()) exchange.abort(errors.GW_DRAINING())
    }
    for (const snapshot of this.#live) this.#retire(snapshot)
    await Promise.all(this.#retiring)
  }

  #retireUnused(snapshot: LiveSnapshot): void {
    if (snapshot !== this.active && snapshot.exchanges.size === 0) this.#retire(snapshot)
  }

  #retire(snapshot: LiveSnapshot): void {
    if (!this.#live.delete(snapshot)) return
    const done = this.#hooks
      .retire(snapshot)
      .then(() => snapshot.holdings.dispose())
      .finally(() => this.#retiring.delete(done))
    this.#retiring.add(done)
  }
}

function holderOf(exchange: Exchange): LiveSnapshot {
  // Every snapshot that an exchange can have was made by the same gateway.
  return exchange.heldBy as LiveSnapshot
}
