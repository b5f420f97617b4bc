import type { Endpoint } from '@gatewright/kernel'
import { HashRing } from './hash-ring.ts'

/** Keeps the ring of a service across reloads, which mostly leave the servers as they are. */
export class RingShelf implements Disposable {
  #ring: HashRing | undefined = undefined

  /** A ring of these endpoints: the last one if they are still the same. */
  ringOf(endpoints: readonly Endpoint[]): HashRing {
    if (this.#ring?.fits(endpoints) !== true) this.#ring = new HashRing(endpoints)
    return this.#ring
  }

  /** There is nothing to release, but `Scope.keep` must be able to ask. */
  [Symbol.dispose](): void {}
}
