import type { Socket } from 'node:dgram'
import { Duplex } from 'node:stream'

/** Takes what comes from a server. */
export interface FlowOwner {
  onResponse(datagram: Buffer): void
  /** Nobody is at the server's port, or no way leads there. */
  onUnreachable(error: Error): void
}

/** More than that does not wait for the network; UDP may lose. */
export const maxQueuedBytes = 4_194_304

/** Errors that tell of the server; the others tell of one datagram, such as one that is too long. */
const unreachable: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/**
 * A socket of its own that is connected to one server, so that the system drops what comes from
 * elsewhere and tells what ICMP says. Sessions use {@link UpstreamFlow.send} and
 * {@link UpstreamFlow.attach}; as a stream it carries one datagram in each chunk.
 */
export class UpstreamFlow extends Duplex {
  readonly #socket: Socket
  #owner: FlowOwner | undefined = undefined

  /** @param socket Connected. */
  constructor(socket: Socket) {
    super({ objectMode: true })
    this.#socket = socket
    socket.on('message', (datagram) => this.#onMessage(datagram))
    socket.on('error', this.#onError)
    this.on('error', ignore)
  }

  /** From now on, nothing is to be read here: the owner gets it. */
  attach(owner: FlowOwner): void {
    this.#owner = owner
  }

  /** False if the datagram was dropped. */
  send(datagram: Uint8Array): boolean {
    if (this.destroyed || this.#socket.getSendQueueSize() > maxQueuedBytes) return false
    this.#socket.send(datagram, this.#onError)
    return true
  }

  override _read(): void {
    // Comes by itself.
  }

  override _write(datagram: Uint8Array, _: string, done: () => void): void {
    this.send(datagram)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.close()
    done(error)
  }

  #onMessage(datagram: Buffer): void {
    if (this.destroyed) return
    if (this.#owner !== undefined) this.#owner.onResponse(datagram)
    else if (this.readableLength < this.readableHighWaterMark) this.push(datagram)
  }

  readonly #onError = (error: Error | null): void => {
    if (error === null || this.destroyed) return
    const code = 'code' in error ? String(error.code) : ''
    if (!unreachable.has(code)) return
    if (this.#owner === undefined) this.destroy(error)
    else this.#owner.onUnreachable(error)
  }
}

function ignore(): void {
  // It closes, and that is seen; without a listener, the process would end.
}
