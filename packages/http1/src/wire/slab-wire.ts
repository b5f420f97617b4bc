import { type OutSlab, outSlab, type SlabOwner } from './out-slab.ts'
import { noHandler, type Wire, type WireHandler } from './wire.ts'

/** A wire that puts its messages together in the slab that all wires share. */
export abstract class SlabWire implements Wire, SlabOwner {
  handler: WireHandler = noHandler
  blocked = false
  /** True once the handler was told that the wire is closed. */
  protected closed = false
  #corked = 0

  write(buf: Uint8Array, start: number, end: number): boolean {
    if (this.closed) return true
    outSlab.take(this)
    let from = start
    while (from < end) {
      const room = Math.min(end - from, outSlab.buf.length - outSlab.used)
      outSlab.buf.set(buf.subarray(from, from + room), outSlab.used)
      outSlab.used += room
      from += room
      if (outSlab.used === outSlab.buf.length) this.flushSlab(outSlab)
    }
    if (this.#corked === 0) this.flushSlab(outSlab)
    return !this.blocked
  }

  compose(): OutSlab {
    outSlab.take(this)
    return outSlab
  }

  commit(end: number): void {
    outSlab.used = this.closed ? 0 : end
    if (this.#corked === 0) this.flushSlab(outSlab)
  }

  cork(): void {
    this.#corked++
  }

  uncork(): boolean {
    this.#corked--
    if (this.#corked === 0) this.flushOwn()
    return !this.blocked
  }

  abstract flushSlab(slab: OutSlab): void
  abstract pause(): void
  abstract resume(): void
  abstract end(): void
  abstract destroy(): void
  abstract reset(): void

  /** Sends what this wire has in the slab. */
  protected flushOwn(): void {
    if (outSlab.isOwnedBy(this)) this.flushSlab(outSlab)
  }

  /** Writes wait for the peer from now on. */
  protected block(): void {
    if (this.blocked) return
    this.blocked = true
    this.handler.onBlocked()
  }

  /** Tells the handler once that it is over. */
  protected closeOnce(error: Error | undefined): void {
    if (this.closed) return
    this.closed = true
    outSlab.leave(this)
    this.handler.onClose(error)
  }
}
