import { poison } from '../poison.ts'

const slabBytes = 64 * 1024

/** Whose bytes are in the slab. */
export interface SlabOwner {
  /** Writes `slab.buf[0, slab.used)` out and calls `slab.clear` or `slab.handOver`. */
  flushSlab(slab: OutSlab): void
}

/**
 * One buffer for the outgoing messages of all connections: a head and whatever body bytes come
 * along are put together here and leave in one write. It belongs to one wire at a time; another
 * one that wants it makes the first write out.
 */
export class OutSlab {
  buf: Buffer = Buffer.allocUnsafeSlow(slabBytes)
  used = 0
  #owner: SlabOwner | undefined = undefined

  /** Makes the slab the owner's. */
  take(owner: SlabOwner): void {
    const previous = this.#owner
    if (previous === owner) return
    if (this.used > 0) previous?.flushSlab(this)
    this.#owner = owner
  }

  isOwnedBy(owner: SlabOwner): boolean {
    return this.#owner === owner
  }

  /** The bytes are out. */
  clear(): void {
    poison(this.buf, 0, this.used)
    this.used = 0
  }

  /** The bytes are still being written, so the buffer stays with the write. */
  handOver(): void {
    this.buf = Buffer.allocUnsafeSlow(slabBytes)
    this.used = 0
  }

  /** The owner is gone, and its bytes with it. */
  leave(owner: SlabOwner): void {
    if (this.#owner !== owner) return
    this.#owner = undefined
    this.clear()
  }
}

/** The slab of this process; there is one thread that writes. */
export const outSlab: OutSlab = new OutSlab()
