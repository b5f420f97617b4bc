/**
 * Whom exchanges wait for: code outside the kernel that has returned a promise.
 *
 * @module
 */
import { Completion } from './awaitable.ts'
import { errors } from './errors.ts'
import { GatewayResponse } from './response.ts'

/** What can be waited for: an exchange. */
export interface Waiting {
  /** The newest of those it waits for; each leads to the one before. */
  waiter: Waiter | undefined
}

/**
 * A tap or filter that returned a promise, or an around outside its `next`. A sweep over the open
 * exchanges ends what takes too long, so that no timer is needed for each.
 */
export class Waiter {
  readonly #subject: Waiting
  readonly #owner: string
  readonly #where: string
  readonly #patienceMs: number
  readonly #completion = new Completion<unknown>()
  #before: Waiter | undefined = undefined
  #since = performance.now()
  /** How many parts of the chain inside run; their time is not the owner's. */
  #inside = 0
  #expired = false

  /** @param patienceMs How long it may take at least, whatever the gateway grants. */
  constructor(subject: Waiting, owner: string, where: string, patienceMs = 0) {
    this.#subject = subject
    this.#owner = owner
    this.#where = where
    this.#patienceMs = patienceMs
  }

  /** True if the exchange went on without the owner. */
  get expired(): boolean {
    return this.#expired
  }

  /** Waits in sight of the sweep. A response that comes after the end of that is discarded. */
  follow(pending: PromiseLike<unknown>): Completion<unknown> {
    this.#before = this.#subject.waiter
    this.#subject.waiter = this
    // A foreign `then` may throw instead of calling back.
    try {
      pending.then(
        (value) => this.#resolve(value),
        (reason: unknown) => this.#reject(reason),
      )
    } catch (error) {
      this.#reject(error)
    }
    return this.#completion
  }

  /** A part of the chain inside begins. */
  enter(): void {
    this.#inside++
  }

  /** A part of the chain inside is done. */
  leave(): void {
    this.#inside--
    this.#since = performance.now()
  }

  /** Fails with GW_PLUGIN_TIMEOUT everything that `subject` has waited for too long. */
  static expire(subject: Waiting, now: number, timeoutMs: number): void {
    let waiter = subject.waiter
    while (waiter !== undefined) {
      const before = waiter.#before
      waiter.#expire(now, timeoutMs)
      waiter = before
    }
  }

  #expire(now: number, grantedMs: number): void {
    const timeoutMs = Math.max(grantedMs, this.#patienceMs)
    if (this.#inside > 0 || now - this.#since <= timeoutMs) return
    this.#expired = true
    const owner = this.#owner
    this.#reject(errors.GW_PLUGIN_TIMEOUT({ owner, where: this.#where, timeoutMs }))
  }

  #resolve(value: unknown): void {
    if (this.#completion.pending) {
      this.#unlink()
      this.#completion.resolve(value)
    } else if (value instanceof GatewayResponse) value.discard()
  }

  #reject(reason: unknown): void {
    if (!this.#completion.pending) return
    this.#unlink()
    this.#completion.reject(reason)
  }

  #unlink(): void {
    const subject = this.#subject
    if (subject.waiter === this) subject.waiter = this.#before
    else {
      let newer = subject.waiter
      while (newer !== undefined && newer.#before !== this) newer = newer.#before
      if (newer !== undefined) newer.#before = this.#before
    }
  }
}

/**
 * Follows what `owner` returned, in sight of the sweep.
 * @param patienceMs How long it may take at least, whatever the gateway grants.
 */
export function waitFor(
  subject: Waiting,
  owner: string,
  where: string,
  pending: PromiseLike<unknown>,
  patienceMs?: number,
): Completion<unknown> {
  return new Waiter(subject, owner, where, patienceMs).follow(pending)
}
