import type { Completion } from './awaitable.ts'
import { errors } from './errors.ts'

/**
 * Somebody outside the kernel whom an exchange waits for: a tap or filter that returned a promise,
 * or an around outside its `next`. A sweep over the open exchanges ends what waits too long, so
 * that no timer is needed for each.
 */
export class Waiter {
  readonly owner: string
  readonly where: string
  readonly completion: Completion<unknown>
  #since = performance.now()
  /** How many parts of the chain inside run; their time is not the owner's. */
  #inside = 0

  constructor(owner: string, where: string, completion: Completion<unknown>) {
    this.owner = owner
    this.where = where
    this.completion = completion
  }

  enter(): void {
    this.#inside++
  }

  leave(): void {
    this.#inside--
    this.#since = performance.now()
  }

  /** Fails the pending step if it has taken longer than `timeoutMs`. */
  expire(now: number, timeoutMs: number): boolean {
    if (this.#inside > 0 || now - this.#since <= timeoutMs) return false
    const { owner, where } = this
    this.completion.reject(errors.GW_PLUGIN_TIMEOUT({ owner, where, timeoutMs }))
    return true
  }
}
