import type { Socket } from 'node:net'
import { resetSocket } from './reset-socket.ts'
import { isSecure } from './secure-socket.ts'
import { SlabWire } from './slab-wire.ts'

/** With more than this on its way a wire over TLS waits for its peer. */
const maxBytesUnderWay = 64 * 1024

/** A wire over a connected `net.Socket`, by public API only. Owns the socket. */
export class PortableWire extends SlabWire {
  readonly #socket: Socket
  readonly #lower: Socket
  readonly #secure: boolean
  #error: Error | undefined = undefined
  readonly #onFlushed = (): void => this.#unblock()
  readonly #onData = (chunk: Buffer): void => this.handler.onBytes(chunk, 0, chunk.length)
  readonly #onEnd = (): void => this.handler.onEnd()
  readonly #onClose = (): void => this.closeOnce(this.#error)
  readonly #onError = (error: Error): void => {
    this.#error = error
    // Node tells of a broken record of TLS, and does not close the connection.
    this.#socket.destroy()
  }

  /**
   * The handler is to be set before the turn of the event loop ends.
   * @param lower What carries the socket, if it has TLS: only that can be reset.
   */
  constructor(socket: Socket, lower?: Socket) {
    super()
    this.#socket = socket
    this.#secure = isSecure(socket)
    this.#lower = lower ?? socket
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
    const bytes = buf.subarray(start, end)
    if (this.#secure) return this.#sendCopy(Buffer.from(bytes))
    socket.write(bytes)
    // Nothing is left of a write that the system took at once, so the buffer is free again.
    if (socket.writableLength === 0) return true
    // A stream below its high-water mark would not say when it is empty.
    socket.write('', this.#onFlushed)
    this.block()
    return false
  }

  override flush(): boolean {
    super.flush()
    // With TLS it cannot be known yet that nothing would be lost now.
    if (this.#socket.writableLength > 0 && !this.closed) this.block()
    return !this.blocked
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
    if (!this.closed) super.flush()
    this.#socket.destroy()
    this.closeOnce(this.#error)
  }

  reset(): void {
    const { writableEnded, writableFinished } = this.#socket
    // What carries TLS does not know that its end is on the way out; it would never close then.
    if (this.#secure && writableEnded && !writableFinished) this.#socket.destroy()
    else this.#resetLower()
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

  /** A socket with TLS always says that a write goes on, so that says nothing about its peer. */
  #sendCopy(bytes: Buffer): true {
    this.#socket.write(bytes, this.#onFlushed)
    if (this.#socket.writableLength > maxBytesUnderWay) this.block()
    return true
  }

  #resetLower(): void {
    try {
      resetSocket(this.#lower)
    } catch {
      // Node resets no connection through its TLS. Without its last word the peer is warned as well.
      this.#socket.destroy()
    }
  }

  #unblock(): void {
    if (!this.blocked || this.closed || this.#socket.writableLength > 0) return
    this.blocked = false
    this.handler.onWritable()
  }
}
