/**
 * Resources that outlive a configuration, counted by those who hold them.
 *
 * @module
 */
import { problemOf } from './gateway-error.ts'
import { inTime } from './time-limit.ts'

/** How long one resource may take to be disposed, in milliseconds. */
const disposeTimeoutMs = 10_000

type Kept = Disposable | AsyncDisposable

/**
 * Resources that outlive a configuration, counted by the snapshots that hold them. One that no
 * snapshot holds any more is disposed.
 */
export class KeptResources {
  readonly #entries = new Map<string, { readonly value: Kept; holders: number }>()
  readonly #onError: (key: string, problem: string) => void

  constructor(onError: (key: string, problem: string) => void) {
    this.#onError = onError
  }

  get size(): number {
    return this.#entries.size
  }

  /** Holds the resource of that key, made by `create` if there is none. */
  hold<T extends Kept>(key: string, create: () => T): T {
    const existing = this.#entries.get(key)
    if (existing !== undefined) {
      existing.holders++
      // The key names everything that makes two resources different, their type included.
      return existing.value as T
    }
    const value = create()
    this.#entries.set(key, { value, holders: 1 })
    return value
  }

  async release(key: string): Promise<void> {
    const entry = this.#entries.get(key)
    if (entry === undefined || --entry.holders > 0) return
    this.#entries.delete(key)
    try {
      await inTime(disposeOf(entry.value), disposeTimeoutMs, tooSlow)
    } catch (error) {
      this.#onError(key, problemOf(error))
    }
  }
}

/** True for what {@link disposeOf} can dispose. */
export function isDisposable(value: unknown): value is Disposable | AsyncDisposable {
  if (typeof value !== 'object' || value === null) return false
  // Any object may be asked for any key.
  const asked = value as Partial<Disposable & AsyncDisposable>
  return (
    typeof asked[Symbol.dispose] === 'function' || typeof asked[Symbol.asyncDispose] === 'function'
  )
}

/** Disposes a resource of either kind. */
export async function disposeOf(value: Disposable | AsyncDisposable): Promise<void> {
  if (Symbol.asyncDispose in value) return value[Symbol.asyncDispose]()
  value[Symbol.dispose]()
}

function tooSlow(): Error {
  return new Error(`not disposed within ${disposeTimeoutMs / 1000} s`)
}
