/**
 * One piece of asynchronous work after the other.
 *
 * @module
 */
import { errors } from './errors.ts'

/** Runs asynchronous work one piece after the other. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve()
  #latest: symbol | undefined = undefined

  /** Runs after everything that was queued before. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }

  /** The same, but given up with GW_SUPERSEDED if a later call comes before its turn. */
  runLatest<T>(work: () => Promise<T>): Promise<T> {
    const turn = Symbol('turn')
    this.#latest = turn
    return this.run(() => {
      if (this.#latest !== turn) throw errors.GW_SUPERSEDED()
      return work()
    })
  }

  /** Comes back when nothing is queued. */
  async idle(): Promise<void> {
    let seen: Promise<unknown> | undefined
    while (seen !== this.#last) {
      seen = this.#last
      await seen
    }
  }
}
