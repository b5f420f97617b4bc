import type { Socket } from 'node:net'
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
      if (outSlab.used === outSlab.buf.length) outSlab.flush()
    }
    if (this.#corked === 0) outSlab.queue()
    return !this.blocked
  }

  compose(): OutSlab {
    outSlab.take(this)
    return outSlab
  }

  commit(end: number): void {
    if (this.closed) return
    outSlab.used = end
    if (this.#corked === 0) outSlab.queue()
  }

  cork(): void {
    this.#corked++
  }

  uncork(): boolean {
    this.#corked--
    if (this.#corked === 0) outSlab.queueOf(this)
    return !this.blocked
  }

  flush(): boolean {
    outSlab.flush()
    return !this.blocked
  }

  abstract send(buf: Buffer, start: number, end: number): boolean
  abstract pause(): void
  abstract resume(): void
  abstract keepAlive(ms: number): void
  abstract end(): void
  abstract destroy(): void
  abstract reset(): void
  abstract release(): Socket

  /** Writes wait for the peer from now on. */
  protected block(): void {
    if (this.blocked) return
    this.blocked = true
    this.handler.onBlocked()
  }

  /** Somebody else has the connection now. */
  protected leave(): void {
    this.flush()
    this.closed = true
    this.handler = noHandler
    outSlab.leave(this)
  }

  /** Tells the handler once that it is over. */
  protected closeOnce(error: Error | undefined): void {
    if (this.closed) return
    this.closed = true
    outSlab.leave(this)
    this.handler.onClose(error)
  }
}
