import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { Wire, WireHandler } from '../../src/index.ts'
import { io } from '../io.ts'

/** A wire and the bare socket at its other end. */
export class WirePair implements Disposable {
  readonly wire: Wire
  readonly peer: Socket
  /** What the wire told its handler: bytes as text, `end`, `blocked`, `writable`, `close`. */
  readonly events: string[] = []

  readonly #lower: Socket

  /**
   * @param carrier What carries `near`, if that is not TCP.
   * @param lower What carries the peer.
   */
  constructor(near: Socket, peer: Socket, carrier?: Socket, lower: Socket = peer) {
    this.wire = io.wire(near, carrier)
    this.peer = peer
    this.#lower = lower
    this.wire.handler = this.#handler()
  }

  /** The peer closes with a reset. */
  resetPeer(): void {
    this.#lower.resetAndDestroy()
  }

  /** The peer sends, below its TLS, what cannot be decrypted. */
  breakRecord(): void {
    this.#lower.write(Buffer.concat([Buffer.from([0x17, 3, 3, 0, 60]), Buffer.alloc(60, 1)]))
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
export async function wirePair(carrier: Carrier = 'TCP'): Promise<WirePair> {
  const [near, lower] = await connectTcp()
  if (carrier === 'TCP') return new WirePair(near, lower)
  const { secured, peer } = await secure(near, lower)
  return new WirePair(secured, peer, near, lower)
}

/** What wires are tried over. */
export const carriers = ['TCP', 'TLS'] as const

/** One of {@link carriers}. */
export type Carrier = (typeof carriers)[number]

/** Two sockets that are connected with each other. */
async function connectTcp(): Promise<[near: Socket, peer: Socket]> {
  const server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  const peer = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  const [[near]] = await Promise.all([once(server, 'connection'), once(peer, 'connect')])
  server.close()
  // The event of a server brings a socket.
  return [near as Socket, peer]
}

/** Agrees on TLS over two sockets, the first of which becomes that of the server. */
async function secure(near: Socket, far: Socket): Promise<{ secured: TLSSocket; peer: TLSSocket }> {
  const server = createTlsServer({ ciphers, pskCallback: () => psk })
  const secured = once(server, 'secureConnection')
  server.emit('connection', near)
  const peer = connectTls({
    socket: far,
    ciphers,
    pskCallback: () => ({ psk, identity: 'test' }),
    checkServerIdentity: () => undefined,
  })
  // The handshake is done when the server has also sent what a later one can be shortened with.
  const [[socket]] = await Promise.all([secured, once(peer, 'session')])
  // It is told in the middle of a read.
  await new Promise((resolve) => setImmediate(resolve))
  // The event of a server brings a socket.
  return { secured: socket as TLSSocket, peer }
}

/** A key that both sides know, so that there need be no certificates. */
const psk = Buffer.alloc(32, 1)
const ciphers = 'PSK-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256'
