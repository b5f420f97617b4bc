import { poison } from '../poison.ts'

const slabBytes = 64 * 1024
/** A power of two. */
const views = 64

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
  /** Views of the buffer by their length, modulo so many: messages often have the length of another. */
  readonly #views: (Buffer | undefined)[] = Array.from({ length: views }, () => undefined)

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

  /** What is to be written out. */
  get bytes(): Buffer {
    const { used } = this
    const index = used & (views - 1)
    const known = this.#views[index]
    if (known?.length === used) return known
    const bytes = this.buf.subarray(0, used)
    this.#views[index] = bytes
    return bytes
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
    this.#views.fill(undefined)
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
