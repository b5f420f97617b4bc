/**
 * What is kept, deferred and started for one lifetime, and how that is undone.
 *
 * @module
 */
import type { Logger } from 'pino'
import { isThenable } from './awaitable.ts'
import { errors } from './errors.ts'
import { problemOf } from './gateway-error.ts'
import type { KeptResources } from './resources.ts'
import { inTime } from './time-limit.ts'

/** How long one piece of deferred work may take, in milliseconds. */
const undoTimeoutMs = 10_000

/**
 * What the instances of one lifetime hold and how it is undone: the lifetime of a snapshot, or that
 * of a listener, which may outlive several.
 */
export class Holdings {
  readonly #resources: KeptResources
  readonly #log: Logger
  readonly #keys = new Set<string>()
  readonly #deferred: (() => void | Promise<void>)[] = []
  #onActivate: (() => void)[] = []
  #onDeactivate: (() => void)[] = []
  #activated = false
  #deactivated = false
  #disposed = false

  constructor(resources: KeptResources, log: Logger) {
    this.#resources = resources
    this.#log = log
  }

  /** Holds a kept resource until the end. Throws GW_INTERNAL once that has come. */
  keep<T extends Disposable | AsyncDisposable>(key: string, create: () => T): T {
    // What is asked for too late would never be released.
    if (this.#disposed) throw errors.GW_INTERNAL({ problem: 'the configuration is gone' })
    const value = this.#resources.hold(key, create)
    // A lifetime counts once however many of its blocks ask.
    if (this.#keys.has(key)) void this.#resources.release(key)
    else this.#keys.add(key)
    return value
  }

  /** Gives up what {@link Holdings.keep} holds, before the end. */
  letGo(key: string): void {
    if (this.#keys.delete(key)) void this.#resources.release(key)
  }

  /** True from the activation to the deactivation. */
  get active(): boolean {
    return this.#activated && !this.#deactivated
  }

  onActivate(fn: () => void): void {
    this.#onActivate.push(fn)
  }

  onDeactivate(fn: () => void): void {
    this.#onDeactivate.push(fn)
  }

  defer(fn: () => void | Promise<void>): void {
    if (this.#disposed) void this.#undo(fn)
    else this.#deferred.push(fn)
  }

  /** Starts what was prepared, once. A start that fails is logged; the others go on. */
  activate(): void {
    const starts = this.#onActivate
    this.#onActivate = []
    this.#activated = true
    this.#runAll(starts, 'activation failed')
  }

  /** Stops what need not wait for the end, if it ever started, once; the last registered first. */
  deactivate(): void {
    if (!this.#activated) return
    this.#deactivated = true
    const stops = this.#onDeactivate.toReversed()
    this.#onDeactivate = []
    this.#runAll(stops, 'deactivation failed')
  }

  /** Undoes everything, in reverse. Never rejects. */
  async dispose(): Promise<void> {
    this.#disposed = true
    this.deactivate()
    for (const undo of this.#deferred.splice(0).toReversed()) await this.#undo(undo)
    const keys = [...this.#keys]
    this.#keys.clear()
    for (const key of keys) await this.#resources.release(key)
  }

  #runAll(steps: readonly (() => void)[], message: string): void {
    const failed = (error: unknown): void => this.#log.error({ err: error }, message)
    for (const step of steps) {
      try {
        // An async function passes for one that returns nothing.
        const pending: unknown = step()
        if (isThenable(pending)) pending.then(undefined, failed)
      } catch (error) {
        failed(error)
      }
    }
  }

  async #undo(fn: () => void | Promise<void>): Promise<void> {
    try {
      const pending = fn()
      if (isThenable(pending)) await inTime(pending, undoTimeoutMs, tooSlow)
    } catch (error) {
      this.#log.error({ problem: problemOf(error) }, 'cleaning up failed')
    }
  }
}

function tooSlow(): Error {
  return new Error(`not done within ${undoTimeoutMs / 1000} s`)
}
