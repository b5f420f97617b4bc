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

type Handler = (value: unknown) => unknown

/**
 * A promise that calls back at once instead of in a microtask: a continuation runs inside
 * `resolve`, or inside `then` if the value is already there. It is settled by its owner, once;
 * later calls are ignored. A rejection that nobody listens to is not reported.
 */
export class Completion<T> implements PromiseLike<T> {
  #state: 'pending' | 'resolved' | 'rejected' = 'pending'
  #value: unknown = undefined
  /** Those that wait for this one; the first apart from the others, since few have more. */
  #next: Completion<unknown> | undefined = undefined
  #others: Completion<unknown>[] | undefined = undefined
  /** What makes the outcome of this one from that of the one it waits for. */
  #onResolved: Handler | undefined = undefined
  #onRejected: Handler | undefined = undefined

  get pending(): boolean {
    return this.#state === 'pending'
  }

  resolve(value: T): void {
    if (this.#state !== 'pending') return
    this.#state = 'resolved'
    this.#settle(value)
  }

  reject(reason: unknown): void {
    if (this.#state !== 'pending') return
    this.#state = 'rejected'
    this.#settle(reason)
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
    const next = new Completion<unknown>()
    // It is called with what this one resolves to.
    next.#onResolved = (onResolved ?? undefined) as Handler | undefined
    next.#onRejected = onRejected ?? undefined
    if (this.#state !== 'pending') next.#take(this.#state, this.#value)
    else if (this.#next === undefined) this.#next = next
    else (this.#others ??= []).push(next)
    // Its handlers make these, and what has no handler passes through.
    return next as Completion<A | B>
  }

  #settle(value: unknown): void {
    this.#value = value
    const state = this.#state
    const next = this.#next
    const others = this.#others
    this.#next = undefined
    this.#others = undefined
    if (next !== undefined) next.#take(state, value)
    if (others !== undefined) for (const other of others) other.#take(state, value)
  }

  /** What this one waited for has settled. */
  #take(state: 'pending' | 'resolved' | 'rejected', value: unknown): void {
    const handler = state === 'resolved' ? this.#onResolved : this.#onRejected
    this.#onResolved = undefined
    this.#onRejected = undefined
    if (handler === undefined) {
      if (state === 'resolved') this.resolve(value as T)
      else this.reject(value)
      return
    }
    try {
      const result = handler(value)
      if (isThenable(result)) this.follow(result as PromiseLike<T>)
      else this.resolve(result as T)
    } catch (error) {
      this.reject(error)
    }
  }
}
