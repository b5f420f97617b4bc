import type { Duplex } from 'node:stream'
import type { Timed } from '@gatewright/http1'
import { ContextKey, type Interruptible, type Tunnel } from '@gatewright/kernel'
import { deadlines } from './environment.ts'
import { reset } from './reset.ts'

/** How many bytes a connection has carried so far. */
export interface Traffic {
  /** From the client. */
  readonly received: number
  /** To the client. */
  readonly sent: number
}

/** The bytes of a connection that was passed on, for access logs and metrics. */
export const traffic: ContextKey<Traffic> = new ContextKey('tcp.traffic')

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
  readonly #client: Duplex
  readonly #upstream: Duplex
  readonly #toUpstream: Direction
  readonly #toClient: Direction
  readonly #onEnd: (ending: Ending) => void
  readonly #halfCloseTimeoutMs: number
  readonly #totalAt: number
  #idleTimeoutMs: number
  #ending: Ending | undefined = undefined
  #open = 2

  /** @param onEnd Called once, when both sockets are closed. */
  constructor(client: Duplex, tunnel: Tunnel, onEnd: (ending: Ending) => void) {
    this.#client = client
    this.#upstream = tunnel.socket
    this.#onEnd = onEnd
    this.#idleTimeoutMs = tunnel.idleTimeoutMs
    this.#halfCloseTimeoutMs = tunnel.halfCloseTimeoutMs
    this.#totalAt = deadlines.later(tunnel.totalTimeoutMs)
    this.#toUpstream = new Direction(client, tunnel.socket, this)
    this.#toClient = new Direction(tunnel.socket, client, this)
  }

  get received(): number {
    return this.#toUpstream.bytes
  }

  get sent(): number {
    return this.#toClient.bytes
  }

  /** @param first What the client has said already. */
  start(first: Uint8Array): void {
    const client = this.#client
    const upstream = this.#upstream
    client.on('error', () => this.#fail('client')).on('close', () => this.#closed('client'))
    upstream.on('error', () => this.#fail('upstream')).on('close', () => this.#closed('upstream'))
    deadlines.add(this)
    this.moved()
    // Whoever is gone already does not say so again.
    if (client.closed) this.#closed('client')
    if (upstream.closed) this.#closed('upstream')
    if (this.#ending !== undefined) return
    this.#toUpstream.start(first)
    this.#toClient.start(nothing)
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
    this.#toUpstream.drop()
    this.#upstream.end()
  }

  /** Breaks off. */
  #fail(ending: Ending): void {
    this.#ending ??= ending
    // What was cut must not look whole to the other side.
    reset(this.#client)
    reset(this.#upstream)
  }

  #closed(side: 'client' | 'upstream'): void {
    const complete = this.#toUpstream.done && this.#toClient.done
    if (!complete && this.#ending !== 'drained') this.#fail(side)
    if (--this.#open > 0) return
    deadlines.remove(this)
    this.#onEnd(this.#ending ?? 'complete')
  }
}

/** One way of the two. */
class Direction {
  bytes = 0
  /** True once its last byte has been passed on. */
  done = false
  readonly #from: Duplex
  readonly #to: Duplex
  readonly #relay: Relay
  #dropping = false

  constructor(from: Duplex, to: Duplex, relay: Relay) {
    this.#from = from
    this.#to = to
    this.#relay = relay
  }

  start(first: Uint8Array): void {
    const from = this.#from
    const full = first.length > 0 && !this.#pass(first)
    from.on('data', this.#onData).on('end', this.#onEnd)
    this.#to.on('drain', this.#onDrain)
    if (from.readableEnded) this.#onEnd()
    else if (full) from.pause()
    else from.resume()
  }

  /** What still comes has nobody to go to. */
  drop(): void {
    this.#dropping = true
    this.#from.resume()
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (!this.#dropping && !this.#pass(chunk)) this.#from.pause()
  }

  readonly #onDrain = (): void => {
    this.#relay.moved()
    this.#from.resume()
  }

  readonly #onEnd = (): void => {
    this.done = true
    this.#to.end()
    this.#relay.ended()
  }

  /** False if the other side does not keep up. */
  #pass(chunk: Uint8Array): boolean {
    this.bytes += chunk.length
    this.#relay.moved()
    return this.#to.write(chunk)
  }
}

const nothing = new Uint8Array(0)
