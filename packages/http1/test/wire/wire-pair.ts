import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Wire, WireHandler } from '../../src/index.ts'
import { io } from '../io.ts'

/** A wire and the bare socket at its other end. */
export class WirePair implements Disposable {
  readonly wire: Wire
  readonly peer: Socket
  /** What the wire told its handler: bytes as text, `end`, `blocked`, `writable`, `close`. */
  readonly events: string[] = []

  constructor(near: Socket, peer: Socket) {
    this.wire = io.wire(near)
    this.peer = peer
    this.wire.handler = this.#handler()
  }

  /** Everything that the peer gets until the end. */
  async received(): Promise<Buffer> {
    const pieces: Buffer[] = []
    for await (const piece of this.peer) pieces.push(piece as Buffer)
    return Buffer.concat(pieces)
  }

  [Symbol.dispose](): void {
    this.wire.destroy()
    this.peer.destroy()
  }

  #handler(): WireHandler {
    const { events } = this
    return {
      onBytes: (buf, start, end) => void events.push(buf.toString('latin1', start, end)),
      onEnd: () => void events.push('end'),
      onBlocked: () => void events.push('blocked'),
      onWritable: () => void events.push('writable'),
      onClose: () => void events.push('close'),
    }
  }
}

/** Connects two sockets and puts a wire on one of them. */
export async function wirePair(): Promise<WirePair> {
  const server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  const peer = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  const [[near]] = await Promise.all([once(server, 'connection'), once(peer, 'connect')])
  server.close()
  // The event of a server brings a socket.
  return new WirePair(near as Socket, peer)
}
