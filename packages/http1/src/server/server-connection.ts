import {
  GatewayRequest,
  type GatewayResponse,
  type HeaderList,
  errors as kernelErrors,
} from '@gatewright/kernel'
import { Framing, requestFraming } from '../body/framing.ts'
import { bodyDecoder } from '../body-decoder.ts'
import type { Timed } from '../deadlines.ts'
import { requestError } from '../errors.ts'
import { http2Preface, incomplete } from '../faults.ts'
import { Head } from '../head/head.ts'
import { HeadReader } from '../head/head-reader.ts'
import { parseRequestHead } from '../head/parse.ts'
import { type BodyHost, ReceivedBody } from '../received-body.ts'
import type { Wire, WireHandler } from '../wire/wire.ts'
import { type ClientPace, paceFor } from './client-pace.ts'
import { isFollowable, isWorthDraining, maxDrainedBytes } from './drained-body.ts'
import { errors } from './errors.ts'
import { HostMemory } from './host-memory.ts'
import { ReadAhead } from './read-ahead.ts'
import { framingFor, receivedHeadOf } from './response-head.ts'
import { ResponseWriter } from './response-writer.ts'
import type { ServerHost } from './server-host.ts'
import { WireRequestHead } from './wire-request-head.ts'

/** How long a client may be silent after its connection was given up. */
const lingerMs = 2000
/** How long it may go on sending. */
const maxLingerMs = 30_000

/** Of a connection between requests: most of its memory would be a head of its own. */
const noHead = new Head()

/**
 * `idle`: between requests; `head`: a head has begun; `exchange`: until the response is out;
 * `draining`: the rest of the request is thrown away; `lingering`: no more is sent.
 */
type Phase = 'idle' | 'head' | 'exchange' | 'draining' | 'lingering' | 'closed'

/**
 * The server side of one HTTP/1.1 connection: reads requests one after the other, hands each to the
 * host, writes the response. Bytes that cannot be a request end the connection (RFC 9112 section
 * 9.6).
 */
export class ServerConnection implements WireHandler, BodyHost, Timed {
  readonly wire: Wire
  dueAt: number
  readonly #host: ServerHost
  readonly #reader: HeadReader
  readonly #writer: ResponseWriter
  readonly #ahead: ReadAhead
  readonly #hosts = new HostMemory()
  readonly #pace: ClientPace | undefined
  #phase: Phase = 'idle'
  #head = noHead
  #body: ReceivedBody | undefined = undefined
  /** Of the response that is sent, if an upstream gave it. */
  #responseHead: Head | undefined = undefined
  /** Of that head when it was taken: a plugin may give the fields of one response to another. */
  #responseGeneration = 0
  #advancing = false
  #closeAfter = false
  /** Set once the gateway drains. */
  #lastRequest = false
  #lingerUntil = 0

  constructor(wire: Wire, host: ServerHost) {
    this.wire = wire
    this.#host = host
    this.#reader = new HeadReader(parseRequestHead, host.limits, host.limits.requestHeadBytes)
    this.#ahead = new ReadAhead(wire)
    this.#pace = paceFor(host.limits)
    this.#writer = new ResponseWriter(wire, {
      onWritten: () => this.#responseDone(),
      onWriteFailed: (error) => this.#responseBroken(error),
    })
    this.dueAt = host.deadlines.later(host.limits.headerTimeoutMs)
    wire.handler = this
    host.deadlines.add(this)
  }

  /** Closes when the present exchange is over. If there is none it may begin within `idleMs`. */
  drain(idleMs: number = 0): void {
    this.#lastRequest = true
    if (this.#phase !== 'idle') return this.#isEnding() ? this.#allowEnding() : undefined
    if (idleMs === 0) return this.#finish()
    this.dueAt = Math.min(this.dueAt, this.#host.deadlines.later(idleMs))
  }

  /** Closes now, whatever goes on. What was sent completely still reaches the client. */
  destroy(): void {
    if (!this.wire.flush() || this.#phase === 'exchange') this.wire.reset()
    else this.wire.destroy()
  }

  /** Sends the final response. @param close Whether the connection ends with it. */
  respond(response: GatewayResponse, close: boolean): void {
    if (this.#phase !== 'exchange' || this.#writer.begun) return response.discard()
    const head = this.#head
    const framing = framingFor(response, head)
    const last = close || this.#lastRequest || !head.persistent || framing === Framing.untilClose
    if (last || !isFollowable(this.#body, this.#head)) this.#closeAfter = true
    this.#responseHead = receivedHeadOf(response)
    this.#responseGeneration = this.#responseHead?.generation ?? 0
    try {
      this.#writer.respond(response, this.#responseHead, framing, head, this.#closeAfter)
    } catch (error) {
      response.discard()
      this.#respondInstead(error)
    }
    this.#touch()
  }

  /** Sends a 1xx response ahead of the final one (RFC 9110 section 15.2); not to HTTP/1.0. */
  inform(status: number, headers: HeaderList): void {
    if (this.#phase === 'exchange' && this.#head.minor === 1) this.#writer.inform(status, headers)
  }

  onBytes(buf: Buffer, start: number, end: number): void {
    if (this.#phase === 'lingering') return this.wire.blocked ? undefined : this.#touch()
    if (this.#phase === 'closed') return
    if (this.#ahead.pending) return this.#ahead.add(buf, start, end)
    this.#advance(buf, start, end)
  }

  onEnd(): void {
    // A client that sends no more may still read, but most are gone; treat all alike (as nginx).
    if (this.#phase === 'exchange') return this.wire.destroy()
    this.#finish()
  }

  onBlocked(): void {
    this.#touch()
  }

  onWritable(): void {
    this.#allowEnding()
    this.#writer.onWritable()
    this.#takeAhead()
  }

  onClose(): void {
    if (this.#phase === 'closed') return
    const busy = this.#phase === 'exchange'
    this.#phase = 'closed'
    this.dueAt = Number.POSITIVE_INFINITY
    this.#host.deadlines.remove(this)
    this.#ahead.clear()
    if (busy) {
      const error = kernelErrors.GW_CLIENT_ABORTED()
      this.#host.onAbort(this)
      this.#writer.cancel(error)
      this.#body?.fail(error)
      this.#endExchange()
    }
    this.#releaseHead()
    this.#host.onClose(this)
  }

  expire(now: number): void {
    const { headerTimeoutMs, uploadIdleMs } = this.#host.limits
    if (this.wire.blocked) return this.wire.reset()
    if (this.#phase === 'head') {
      return this.#refuse(errors.GW_HTTP1_HEADER_TIMEOUT({ timeoutMs: headerTimeoutMs }))
    }
    if (this.#phase !== 'exchange') return this.wire.destroy()
    this.#closeAfter = true
    const tooSlow = this.#pace?.problem(now)
    this.#body?.fail(tooSlow ?? errors.GW_HTTP1_BODY_TIMEOUT({ timeoutMs: uploadIdleMs }))
    this.#touch()
  }

  onBodyStarted(): void {
    this.#touch()
    const waits = this.#head.expectsContinue && this.#body?.arrived === false
    if (this.#phase === 'exchange' && waits && !this.#writer.begun) this.#writer.continue()
  }

  onBodyPaused(paused: boolean): void {
    if (paused) this.wire.pause()
    else this.wire.resume()
    this.#touch()
  }

  onBodyEnded(buf: Buffer, start: number, end: number): void {
    this.#ahead.add(buf, start, end)
    this.#touch()
    if (this.#phase === 'draining') this.#nextRequest()
  }

  onBodyFault(fault: number): void {
    this.#closeAfter = true
    this.#body?.fail(requestError(fault))
    if (this.#phase === 'draining') this.#linger()
  }

  onBodyCancelled(): number {
    if (!this.#closeAfter && isWorthDraining(this.#body, this.#head)) return maxDrainedBytes
    this.#closeAfter = true
    return 0
  }

  onBodyGivenUp(): void {
    this.#closeAfter = true
    if (this.#phase === 'draining') this.#linger()
  }

  /** Takes bytes until they are used up or something must be waited for. */
  #advance(buf: Buffer, start: number, end: number): void {
    if (this.#phase === 'exchange' || this.#phase === 'draining') {
      const body = this.#body
      if (body === undefined || body.done) return this.#ahead.add(buf, start, end)
      this.#pace?.received(end - start, performance.now())
      // Whoever reads nothing may not make up for it by sending.
      if (!this.wire.blocked) this.#touch()
      body.offer(buf, start, end)
      return body.keep()
    }
    if (this.#phase === 'idle') {
      // Whoever does not read its responses gets no more of them.
      if (this.wire.blocked) return this.#ahead.add(buf, start, end)
      this.#phase = 'head'
      this.#head = this.#host.heads.take()
      this.dueAt = this.#host.deadlines.later(this.#host.limits.headerTimeoutMs)
    }
    const used = this.#reader.read(buf, start, end, this.#head)
    if (used === incomplete) return
    if (used === http2Preface) return this.#refuse(errors.GW_HTTP1_UNEXPECTED_HTTP2())
    if (used < 0) return this.#refuse(requestError(used))
    this.#reader.reset()
    this.#beginExchange(buf, start + used, end)
  }

  #beginExchange(buf: Buffer, start: number, end: number): void {
    this.#phase = 'exchange'
    this.#closeAfter = false
    this.#writer.reset()
    const decoder = bodyDecoder(requestFraming(this.#head), this.#head, this.#host.limits)
    const body = decoder === undefined ? undefined : new ReceivedBody(decoder, this)
    this.#body = body
    this.#pace?.begin()
    this.#touch()
    const request = new GatewayRequest(new WireRequestHead(this.#head, this.#hosts), body ?? null)
    if (body === undefined) this.#ahead.add(buf, start, end)
    else body.offer(buf, start, end)
    this.#host.onRequest(this, request)
    body?.keep()
  }

  #responseDone(): void {
    if (this.#phase !== 'exchange') return
    this.#endExchange()
    const body = this.#body
    if (this.#closeAfter || this.#lastRequest) return this.#linger()
    if (body === undefined || body.done) return this.#nextRequest()
    this.#phase = 'draining'
    this.#allowEnding()
    body.discard(maxDrainedBytes)
  }

  #responseBroken(error: unknown): void {
    this.#host.onBroken(this, error)
    this.wire.reset()
  }

  #endExchange(): void {
    this.#host.onDone(this)
    const head = this.#responseHead
    this.#responseHead = undefined
    if (head?.generation === this.#responseGeneration) this.#host.heads.release(head)
  }

  #nextRequest(): void {
    this.#body = undefined
    if (this.#lastRequest) return this.#finish()
    this.#releaseHead()
    this.#phase = 'idle'
    this.#touch()
    this.#takeAhead()
  }

  #releaseHead(): void {
    const head = this.#head
    this.#head = noHead
    if (head !== noHead) this.#host.heads.release(head)
  }

  /** Goes on with what the client sent early. A loop, since each request may be answered at once. */
  #takeAhead(): void {
    if (this.#advancing) return
    this.#advancing = true
    while (this.#phase === 'idle' && !this.wire.blocked && this.#ahead.pending) {
      const ahead = this.#ahead.take()
      if (ahead !== undefined) this.#advance(ahead, 0, ahead.length)
    }
    this.#advancing = false
  }

  /** Answers what is no request, and ends the connection. */
  #refuse(error: unknown): void {
    this.#phase = 'exchange'
    this.#body = undefined
    this.#writer.reset()
    this.respond(this.#host.onFault(this, error), true)
  }

  #respondInstead(error: unknown): void {
    if (this.#writer.begun) return this.#responseBroken(error)
    this.#closeAfter = true
    this.#responseHead = undefined
    const response = this.#host.onUnsendable(this, error)
    this.#writer.respond(response, undefined, framingFor(response, this.#head), this.#head, true)
  }

  /** Ends the connection once everything that was sent is out. */
  #finish(): void {
    if (this.wire.flush()) this.wire.destroy()
    else this.#linger()
  }

  /**
   * Ends the connection in a way that the client can read the response to its end: closing with
   * bytes unread would reset it (RFC 9112 section 9.6).
   */
  #linger(): void {
    if (this.#phase === 'lingering' || this.#phase === 'closed') return
    this.#phase = 'lingering'
    this.#ahead.clear()
    this.#body?.fail(kernelErrors.GW_BODY_ABORTED())
    this.wire.end()
    this.wire.resume()
    this.#allowEnding()
  }

  /** Whoever still sends after its last response has so long; less if the gateway waits for it. */
  #allowEnding(): void {
    this.#lingerUntil = this.#host.deadlines.later(this.#lastRequest ? lingerMs : maxLingerMs)
    this.#touch()
  }

  /** Something moved: whatever is due next is due later. */
  #touch(): void {
    if (this.#phase === 'head' || this.#phase === 'closed') return
    const { blocked } = this.wire
    this.dueAt = this.#host.deadlines.later(this.#patienceMs())
    if (this.#isEnding() && !blocked) this.dueAt = Math.min(this.dueAt, this.#lingerUntil)
    const pace = this.#pace
    if (pace === undefined) return
    const now = performance.now()
    const uploading = this.#phase === 'exchange' && this.#body?.awaited === true
    this.dueAt = Math.min(this.dueAt, pace.dueAt(now, uploading, blocked, this.#writer.written))
  }

  /** How long nothing may move; 0 means for ever. */
  #patienceMs(): number {
    const { limits } = this.#host
    if (this.wire.blocked) return limits.writeStallMs
    if (this.#isEnding()) return lingerMs
    if (this.#phase === 'idle') return limits.keepAliveMs
    return this.#body?.awaited === true ? limits.uploadIdleMs : 0
  }

  #isEnding(): boolean {
    return this.#phase === 'draining' || this.#phase === 'lingering'
  }
}
