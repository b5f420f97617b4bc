import type { Socket } from 'node:net'
import { resetSocket } from './reset-socket.ts'
import { SlabWire } from './slab-wire.ts'

/** A wire over a connected `net.Socket`, by public API only. Owns the socket. */
export class PortableWire extends SlabWire {
  readonly #socket: Socket
  #error: Error | undefined = undefined
  readonly #onFlushed = (): void => this.#unblock()
  readonly #onData = (chunk: Buffer): void => this.handler.onBytes(chunk, 0, chunk.length)
  readonly #onEnd = (): void => this.handler.onEnd()
  readonly #onClose = (): void => this.closeOnce(this.#error)
  readonly #onError = (error: Error): void => {
    this.#error = error
  }

  /** The handler is to be set before the turn of the event loop ends. */
  constructor(socket: Socket) {
    super()
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
    socket.resume()
  }

  send(buf: Buffer, start: number, end: number): boolean {
    if (this.closed) return true
    const socket = this.#socket
    socket.write(buf.subarray(start, end))
    // Nothing is left of a write that the system took at once, so the buffer is free again.
    if (socket.writableLength === 0) return true
    // A stream below its high-water mark would not say when it is empty.
    socket.write('', this.#onFlushed)
    this.block()
    return false
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    if (!this.closed) this.#socket.resume()
  }

  keepAlive(ms: number): void {
    this.#socket.setKeepAlive(true, ms)
  }

  end(): void {
    this.flush()
    this.#socket.end()
  }

  destroy(): void {
    if (!this.closed) this.flush()
    this.#socket.destroy()
    this.closeOnce(this.#error)
  }

  reset(): void {
    resetSocket(this.#socket)
    this.closeOnce(this.#error)
  }

  release(): Socket {
    const socket = this.#socket
    this.leave()
    socket.pause()
    socket.off('data', this.#onData)
    socket.off('end', this.#onEnd)
    socket.off('error', this.#onError)
    socket.off('close', this.#onClose)
    return socket
  }

  #unblock(): void {
    if (!this.blocked || this.closed || this.#socket.writableLength > 0) return
    this.blocked = false
    this.handler.onWritable()
  }
}
