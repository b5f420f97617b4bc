import { type Server, Socket } from 'node:net'
import { type Accepted, portOf } from '../accepted.ts'
import { FastWire, type WireOwner } from './fast-wire.ts'
import { createShutdown, listenerOf, type TcpHandle } from './stream-handle.ts'

/** A connection without a `net.Socket`, which would cost more than what the gateway does with it. */
export class RawConnection implements Accepted, WireOwner {
  readonly localPort: number
  readonly #handle: TcpHandle
  #peer: { readonly address?: string; readonly port?: number } | undefined = undefined
  #closed = false

  constructor(handle: TcpHandle, localPort: number) {
    this.#handle = handle
    this.localPort = localPort
  }

  get remoteAddress(): string | undefined {
    return this.#peerName().address
  }

  get remotePort(): number {
    return this.#peerName().port ?? 0
  }

  wire(): FastWire {
    this.#handle.setNoDelay(true)
    return new FastWire(this, this.#handle)
  }

  socket(): Socket {
    this.#closed = true
    // The option is what a server makes its sockets with; types do not know it.
    const options: object = { handle: this.#handle, allowHalfOpen: true }
    return new Socket(options)
  }

  setKeepAlive(on: boolean, delayMs: number): void {
    if (!this.#closed) this.#handle.setKeepAlive(on, Math.ceil(delayMs / 1000))
  }

  end(): void {
    // If it fails the connection is broken, which the next read tells.
    if (!this.#closed) this.#handle.shutdown(createShutdown())
  }

  destroy(): void {
    if (this.#closed) return
    this.#closed = true
    this.#handle.close()
  }

  resetAndDestroy(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#handle.reset() !== 0) this.#handle.close()
  }

  #peerName(): { readonly address?: string; readonly port?: number } {
    if (this.#peer === undefined) {
      this.#peer = {}
      this.#handle.getpeername(this.#peer)
    }
    return this.#peer
  }
}

/**
 * Takes connections from a listening server before it makes sockets of them, as long as `wanted`.
 * The server emits `connection` for the others. Has no effect on a server without the handle.
 */
export function acceptRaw(
  server: Server,
  wanted: () => boolean,
  onAccepted: (accepted: RawConnection) => void,
): void {
  const listener = listenerOf(server)
  if (listener === undefined) return
  const { onconnection } = listener
  const port = portOf(server)
  listener.onconnection = function accept(status, handle) {
    if (status !== 0 || handle === undefined || !wanted()) {
      return onconnection.call(this, status, handle)
    }
    onAccepted(new RawConnection(handle, port))
  }
}
