import type { Server, Socket } from 'node:net'
import type { Wire } from './wire/wire.ts'

/** A connection that was accepted and belongs to nobody yet. Take one of its two forms, once. */
export interface Accepted {
  /** `undefined` if the peer is gone already. */
  readonly remoteAddress: string | undefined
  readonly remotePort: number
  readonly localPort: number
  /** The connection as the engine reads and writes it. */
  wire(): Wire
  /** The connection as everybody else does. */
  socket(): Socket
}

/** A connection that came as a socket. */
export class AcceptedSocket implements Accepted {
  readonly #socket: Socket
  readonly #wireOver: (socket: Socket) => Wire

  constructor(socket: Socket, wireOver: (socket: Socket) => Wire) {
    this.#socket = socket
    this.#wireOver = wireOver
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  get remotePort(): number {
    return this.#socket.remotePort ?? 0
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0
  }

  wire(): Wire {
    return this.#wireOver(this.#socket)
  }

  socket(): Socket {
    return this.#socket
  }
}

/** The port that a listening server has; 0 if it has none. */
export function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
