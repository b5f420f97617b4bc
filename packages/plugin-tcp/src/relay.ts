import type { Socket } from 'node:net'
import type { Timed, Wire, WireHandler } from '@gatewright/http1'
import type { Interruptible, Tunnel } from '@gatewright/kernel'
import { deadlines, io } from './environment.ts'

/** How many bytes a connection has carried so far. */
export interface Traffic {
  /** From the client. */
  readonly received: number
  /** To the client. */
  readonly sent: number
}

/**
 * How a connection ended: both sides said all they had to, one of them broke off, nothing moved for
 * too long, it lasted for too long, or the gateway gave it up.
 */
export type Ending = 'complete' | 'client' | 'upstream' | 'idle' | 'total' | 'drained'

/** How long a server has for its last words once the gateway gives a connection up. */
const lastWordsMs = 1000

/** Carries the bytes of one connection both ways. */
export class Relay implements Timed, Interruptible, Traffic {
  dueAt = Number.POSITIVE_INFINITY
  readonly #client: Side
  readonly #upstream: Side
  readonly #onEnd: (ending: Ending) => void
  readonly #halfCloseTimeoutMs: number
  readonly #totalAt: number
  #idleTimeoutMs: number
  #ending: Ending | undefined = undefined
  #loss: Error | undefined = undefined
  #over = false

  /**
   * Takes both sockets over.
   * @param onEnd Called once, when both are closed.
   */
  constructor(client: Socket, upstream: Socket, bounds: Tunnel, onEnd: (ending: Ending) => void) {
    this.#onEnd = onEnd
    this.#idleTimeoutMs = bounds.idleTimeoutMs
    this.#halfCloseTimeoutMs = bounds.halfCloseTimeoutMs
    this.#totalAt = deadlines.later(bounds.totalTimeoutMs)
    this.#client = new Side('client', client, this)
    this.#upstream = new Side('upstream', upstream, this)
  }

  get received(): number {
    return this.#client.bytes
  }

  get sent(): number {
    return this.#upstream.bytes
  }

  /** Why the connection to the server broke, if it did. */
  get loss(): Error | undefined {
    return this.#loss
  }

  /** @param first What the client has said already. */
  start(first: Uint8Array): void {
    deadlines.add(this)
    this.moved()
    this.#upstream.join(this.#client)
    this.#client.join(this.#upstream)
    this.#client.start(first)
    this.#upstream.start(nothing)
  }

  /** Something happened: the connection is not idle. */
  moved(): void {
    if (this.#ending !== undefined) return
    this.dueAt = Math.min(this.#totalAt, deadlines.later(this.#idleTimeoutMs))
  }

  /** A side has sent its last byte. */
  ended(): void {
    const bound = this.#halfCloseTimeoutMs
    const idle = this.#idleTimeoutMs
    this.#idleTimeoutMs = idle === 0 ? bound : Math.min(idle, bound)
    this.moved()
    this.settle()
  }

  /** Closes what has nothing more to do. */
  settle(): void {
    if (!this.#client.ended || !this.#upstream.ended) return
    this.#client.closeWhenWritten()
    this.#upstream.closeWhenWritten()
  }

  expire(now: number): void {
    this.#fail(now >= this.#totalAt ? 'total' : 'idle')
  }

  /**
   * Gives the connection up in good order: the server is told that nothing more comes, and what it
   * says to that still reaches the client.
   */
  interrupt(): void {
    if (this.#ending !== undefined) return
    this.#ending = 'drained'
    this.dueAt = deadlines.later(lastWordsMs)
    this.#client.drop()
  }

  /** A socket is closed. */
  closed(side: Side, error: Error | undefined): void {
    if (side === this.#upstream) this.#loss = error
    const complete = this.#client.ended && this.#upstream.ended && error === undefined
    if (!complete && this.#ending !== 'drained') this.#fail(side.name)
    if (this.#over || !this.#client.closed || !this.#upstream.closed) return
    this.#over = true
    deadlines.remove(this)
    this.#onEnd(this.#ending ?? 'complete')
  }

  /** Breaks off. */
  #fail(ending: Ending): void {
    this.#ending ??= ending
    // What was cut must not look whole to the other side.
    this.#client.reset()
    this.#upstream.reset()
  }
}

/** One of the two sockets: what comes from it, and what goes to it. */
class Side implements WireHandler {
  readonly name: 'client' | 'upstream'
  bytes = 0
  /** True once it has sent its last byte. */
  ended = false
  closed = false
  readonly #socket: Socket
  readonly #relay: Relay
  readonly wire: Wire
  /** What the socket has read before anybody asked. */
  readonly #early: Uint8Array
  #other: Side = this
  #dropping = false

  constructor(name: 'client' | 'upstream', socket: Socket, relay: Relay) {
    this.name = name
    this.#socket = socket
    this.#relay = relay
    this.#early = readAll(socket)
    this.wire = io.wire(socket)
    this.wire.handler = this
  }

  /** Where its bytes go. */
  join(other: Side): void {
    this.#other = other
  }

  start(first: Uint8Array): void {
    const socket = this.#socket
    this.onBytes(first, 0, first.length)
    this.onBytes(this.#early, 0, this.#early.length)
    // Both may have happened before the wire was there, which would not tell then.
    if (socket.readableEnded) this.onEnd()
    else socket.once('end', () => this.onEnd())
    if (socket.closed) this.onClose(undefined)
  }

  onBytes(buf: Uint8Array, start: number, end: number): void {
    if (start === end || this.#dropping) return
    this.bytes += end - start
    this.#relay.moved()
    if (!this.#other.wire.write(buf, start, end)) this.wire.pause()
  }

  onEnd(): void {
    if (this.ended) return
    this.ended = true
    this.#other.wire.end()
    this.#relay.ended()
  }

  onBlocked(): void {
    // The next write says so as well.
  }

  onWritable(): void {
    this.#relay.moved()
    this.#other.wire.resume()
    this.#relay.settle()
  }

  onClose(error: Error | undefined): void {
    if (this.closed) return
    this.closed = true
    this.#relay.closed(this, error)
  }

  /** What still comes has nobody to go to, and the other side hears that nothing more comes. */
  drop(): void {
    this.#dropping = true
    this.wire.resume()
    this.#other.wire.end()
  }

  closeWhenWritten(): void {
    if (!this.closed && !this.wire.blocked) this.wire.destroy()
  }

  reset(): void {
    if (!this.closed) this.wire.reset()
  }
}

/** All that a socket has; one call may give a part of it only. */
function readAll(socket: Socket): Uint8Array {
  const pieces: Buffer[] = []
  for (;;) {
    // A socket without an encoding gives buffers.
    const piece = socket.read() as Buffer | null
    if (piece === null) return pieces.length === 0 ? nothing : Buffer.concat(pieces)
    pieces.push(piece)
  }
}

const nothing = new Uint8Array(0)
