import type { Socket } from 'node:net'
import { type OutSlab, outSlab, type SlabOwner } from './out-slab.ts'
import type { Wire, WireHandler } from './wire.ts'

/** A wire over a connected `net.Socket`, by public API only. Owns the socket. */
export class PortableWire implements Wire, SlabOwner {
  handler: WireHandler = noHandler
  readonly #socket: Socket
  #corked = 0
  #blocked = false
  #closed = false
  #error: Error | undefined = undefined
  readonly #onFlushed = (): void => this.#unblock()

  /** The handler is to be set before the turn of the event loop ends. */
  constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.handler.onBytes(chunk, 0, chunk.length))
    socket.on('end', () => this.handler.onEnd())
    socket.on('error', (error) => {
      this.#error = error
    })
    socket.on('close', () => this.#close())
  }

  get blocked(): boolean {
    return this.#blocked
  }

  write(buf: Uint8Array, start: number, end: number): boolean {
    if (this.#closed) return true
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
    return !this.#blocked
  }

  compose(): OutSlab {
    outSlab.take(this)
    return outSlab
  }

  commit(end: number): void {
    outSlab.used = this.#closed ? 0 : end
    if (this.#corked === 0) this.flushSlab(outSlab)
  }

  cork(): void {
    this.#corked++
  }

  uncork(): boolean {
    this.#corked--
    if (this.#corked === 0 && outSlab.isOwnedBy(this)) this.flushSlab(outSlab)
    return !this.#blocked
  }

  flushSlab(slab: OutSlab): void {
    const { used } = slab
    if (used === 0) return
    if (this.#closed) return slab.clear()
    const socket = this.#socket
    socket.write(slab.buf.subarray(0, used))
    // Nothing is left of a write that the system took at once, so the buffer is free again.
    if (socket.writableLength === 0) return slab.clear()
    slab.handOver()
    // A stream below its high-water mark would not say when it is empty.
    socket.write('', this.#onFlushed)
    if (this.#blocked) return
    this.#blocked = true
    this.handler.onBlocked()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    if (!this.#closed) this.#socket.resume()
  }

  end(): void {
    if (outSlab.isOwnedBy(this)) this.flushSlab(outSlab)
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
    this.#close()
  }

  reset(): void {
    this.#socket.resetAndDestroy()
    this.#close()
  }

  #unblock(): void {
    if (!this.#blocked || this.#closed || this.#socket.writableLength > 0) return
    this.#blocked = false
    this.handler.onWritable()
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    outSlab.leave(this)
    this.handler.onClose(this.#error)
  }
}

const noHandler: WireHandler = {
  onBytes: nothing,
  onEnd: nothing,
  onBlocked: nothing,
  onWritable: nothing,
  onClose: nothing,
}

function nothing(): void {
  // Nobody has taken the wire yet.
}
