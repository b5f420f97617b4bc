import type { Socket } from 'node:net'
import { Connecting, type Deadlines, type Timed } from '@gatewright/http1'
import { asGatewayError } from '@gatewright/kernel'
import type { Http2Session, SessionHost } from './engine.ts'
import type { Http2Call } from './http2-call.ts'
import type { Http2Settings } from './http2-settings.ts'
import { NodeHttp2Session } from './node-session.ts'
import { StreamCall, type StreamCallHost } from './stream-call.ts'

const never = Number.POSITIVE_INFINITY
/** How long a connection without a request is kept. The server says when it closes one. */
const idleMs = 60_000
/**
 * Without a byte while there are requests: is the server still there? Servers of gRPC take more than
 * one such question in five minutes for an attack.
 */
const silenceMs = 310_000
/** For the answer to that. */
const answerMs = 10_000
/** For the end of a connection that was closed here. */
const closeMs = 2000
/**
 * Requests that were given up on one connection. Servers take many of them for an attack, and end a
 * connection with everything that is on it; so it is let go before.
 */
const maxCancelled = 100

/** The pool of a session. */
export interface UpstreamSessionHost {
  readonly settings: Http2Settings
  readonly deadlines: Deadlines
  /** It can take requests. */
  onReady(session: UpstreamSession): void
  /** It may be able to take one more request. */
  onRoom(session: UpstreamSession): void
  /** It takes no more requests. */
  onLeaving(session: UpstreamSession): void
  /** It came to nothing. @param error `undefined` if it took too long. */
  onFailed(session: UpstreamSession, error: Error | undefined): void
  /** It is gone. */
  onClosed(session: UpstreamSession): void
  /** The server did not look at a request. */
  onRefused(session: UpstreamSession, call: Http2Call): void
}

/** One connection to a server, from dialling to its end. */
export class UpstreamSession implements SessionHost, StreamCallHost, Timed {
  dueAt: number
  readonly settings: Http2Settings
  readonly deadlines: Deadlines
  readonly #host: UpstreamSessionHost
  readonly #startedAt = performance.now()
  #connecting: Connecting | undefined = undefined
  #session: Http2Session | undefined = undefined
  #state: 'opening' | 'open' | 'leaving' | 'closing' | 'closed' = 'opening'
  #used = false
  #cancelled = 0
  /** Bytes that had come when it was last looked at. */
  #seen = 0
  /** Somebody waits for the answer to a ping. */
  #doubted = false

  constructor(host: UpstreamSessionHost) {
    this.#host = host
    this.settings = host.settings
    this.deadlines = host.deadlines
    this.dueAt = host.deadlines.later(host.settings.connectTimeoutMs)
    host.deadlines.add(this)
  }

  /** How long it takes, or took, to make it, in milliseconds; meant for the moment when that is over. */
  get tookMs(): number {
    return performance.now() - this.#startedAt
  }

  /** True once a response has come. */
  get used(): boolean {
    return this.#used
  }

  /** How many streams the server allows at once. */
  get maxStreams(): number {
    return this.#session?.maxStreams ?? 0
  }

  /** True if it takes a request at once. */
  get hasRoom(): boolean {
    const session = this.#session
    return this.#state === 'open' && session !== undefined && session.streams < session.maxStreams
  }

  /** True if nobody knows whether the server is still there. */
  get doubted(): boolean {
    return this.#doubted
  }

  /** Connects to the server. */
  dial(): void {
    const { origin, dialer } = this.settings
    const host = {
      onConnected: (_connecting: Connecting, socket: Socket) => this.goOnWith(socket),
      onConnectFailed: (_connecting: Connecting, error: Error) => this.onClosed(error),
      // It has no bound of its own.
      onConnectExpired: () => undefined,
    }
    this.#connecting = new Connecting(host, origin, dialer, 0, this.deadlines)
  }

  /** Takes over a connection that was made for HTTP/2. */
  goOnWith(socket: Socket): void {
    this.#connecting = undefined
    if ('alpnProtocol' in socket && socket.alpnProtocol !== 'h2') {
      socket.destroy()
      return this.onClosed(new Error('it does not choose HTTP/2'))
    }
    if (socket.destroyed) return this.onClosed(new Error('it was closed'))
    this.#session = new NodeHttp2Session(socket, this)
  }

  /** Sends a request. There must be room. */
  run(call: Http2Call): void {
    const session = this.#session
    if (session === undefined) return
    try {
      StreamCall.send(this, session, call)
      if (session.streams === 1) this.#watch()
    } catch (error) {
      call.reject(asGatewayError(error))
    }
  }

  /** Begins nothing more, and closes when the last request is done. */
  leave(): void {
    if (this.#state === 'opening') return this.#giveUp()
    if (this.#state !== 'open') return
    if (this.#session?.streams === 0) return this.#close('it was idle')
    this.onLeaving()
  }

  onReady(): void {
    if (this.#state !== 'opening') return
    this.#state = 'open'
    this.#watch()
    this.#host.onReady(this)
  }

  onRoom(): void {
    if (this.#session?.streams === 0) this.#watch()
    if (this.hasRoom) this.#host.onRoom(this)
  }

  onLeaving(): void {
    // Before it was ready, its end will be told.
    if (this.#state !== 'open') return
    this.#state = 'leaving'
    this.#session?.leave()
    this.#watch()
    this.#host.onLeaving(this)
  }

  onClosed(error: Error): void {
    const before = this.#state
    this.#end()
    if (before === 'opening') this.#host.onFailed(this, error)
    else if (before !== 'closed') this.#host.onClosed(this)
  }

  onAnswered(): void {
    this.#used = true
  }

  onCancelled(): void {
    this.#cancelled++
    if (this.#cancelled === maxCancelled) this.onLeaving()
  }

  onRefused(call: Http2Call): void {
    this.#host.onRefused(this, call)
  }

  onUnanswered(received: number): void {
    // On a connection that works, something else has come meanwhile.
    if (!this.#used || this.#session?.received === received) this.#ask()
  }

  expire(): void {
    const session = this.#session
    if (this.#state === 'opening') {
      this.#giveUp()
      return this.#host.onFailed(this, undefined)
    }
    if (session === undefined) return
    if (this.#state === 'closing') return session.cutOff()
    if (this.#doubted) return this.#close('it did not answer a ping')
    if (session.streams === 0) return this.#close('it was idle')
    if (session.received === this.#seen) this.#ask()
    else this.#watch()
  }

  /** Whatever is due next is due from now on. */
  #watch(): void {
    const session = this.#session
    if (session === undefined || this.#doubted || this.#state === 'closing') return
    this.#seen = session.received
    const busy = session.streams > 0
    // A connection that leaves is closed by the engine; the server may not do its part.
    const patienceMs = this.#state === 'leaving' ? closeMs : idleMs
    this.dueAt = this.deadlines.later(busy ? silenceMs : patienceMs)
  }

  /** Is the server still there? */
  #ask(): void {
    const session = this.#session
    if (session === undefined || this.#doubted) return
    // One that leaves takes no questions.
    if (this.#state !== 'open') return this.#watch()
    this.#doubted = true
    this.dueAt = this.deadlines.later(answerMs)
    session.ping(() => {
      this.#doubted = false
      this.#watch()
      this.onRoom()
    })
  }

  #close(problem: string): void {
    const before = this.#state
    this.#state = 'closing'
    this.dueAt = this.deadlines.later(closeMs)
    if (before === 'open') this.#host.onLeaving(this)
    this.#session?.destroy(problem)
  }

  /** It did not become a session, and nobody waits for it any more. */
  #giveUp(): void {
    this.#connecting?.cancel()
    this.#end()
    this.#session?.cutOff()
  }

  #end(): void {
    this.#state = 'closed'
    this.dueAt = never
    this.deadlines.remove(this)
  }
}
