/**
 * Values that may come later, without a promise where none is needed.
 *
 * The request path calls `.then` and never `await`: a step that is done at once costs no promise
 * and no turn of the microtask queue, so a request can be forwarded in the callback that read it.
 *
 * @module
 */

/** A value, or something that will call back with it. */
export type Awaitable<T> = T | PromiseLike<T>

/** True if the value has a `then` method, whatever made it. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

type Settled<T> = (value: T) => unknown
type Failed = (reason: unknown) => unknown

/**
 * A promise that calls back at once instead of in a microtask: a continuation runs inside
 * `resolve`, or inside `then` if the value is already there. It is settled by its owner, once;
 * later calls are ignored. A rejection that nobody listens to is not reported.
 */
export class Completion<T> implements PromiseLike<T> {
  #state: 'pending' | 'resolved' | 'rejected' = 'pending'
  #value: unknown = undefined
  #listeners: { readonly settled: Settled<T>; readonly failed: Failed }[] | undefined = undefined

  get pending(): boolean {
    return this.#state === 'pending'
  }

  resolve(value: T): void {
    if (this.#state !== 'pending') return
    this.#state = 'resolved'
    this.#value = value
    const listeners = this.#listeners
    this.#listeners = undefined
    if (listeners !== undefined) for (const { settled } of listeners) settled(value)
  }

  reject(reason: unknown): void {
    if (this.#state !== 'pending') return
    this.#state = 'rejected'
    this.#value = reason
    const listeners = this.#listeners
    this.#listeners = undefined
    if (listeners !== undefined) for (const { failed } of listeners) failed(reason)
  }

  /** Takes over the outcome of `source`. */
  follow(source: PromiseLike<T>): this {
    // A foreign `then` may throw instead of calling back.
    try {
      source.then(
        (value) => this.resolve(value),
        (reason: unknown) => this.reject(reason),
      )
    } catch (error) {
      this.reject(error)
    }
    return this
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is what this class is for.
  then<A = T, B = never>(
    onResolved?: ((value: T) => Awaitable<A>) | null,
    onRejected?: ((reason: unknown) => Awaitable<B>) | null,
  ): Completion<A | B> {
    const next = new Completion<A | B>()
    const settled: Settled<T> = (value) => {
      // Without a handler the value passes through, so `T` is `A`.
      if (onResolved == null) next.resolve(value as unknown as A)
      else settle(next, onResolved, value)
    }
    const failed: Failed = (reason) => {
      if (onRejected == null) next.reject(reason)
      else settle(next, onRejected, reason)
    }
    // The state says which of the two the value is.
    if (this.#state === 'resolved') settled(this.#value as T)
    else if (this.#state === 'rejected') failed(this.#value)
    else (this.#listeners ??= []).push({ settled, failed })
    return next
  }
}

function settle<T, V>(next: Completion<T>, handler: (value: V) => Awaitable<T>, value: V): void {
  try {
    const result = handler(value)
    if (isThenable(result)) next.follow(result)
    else next.resolve(result)
  } catch (error) {
    next.reject(error)
  }
}
