import {
  type GatewayError,
  type GatewayResponse,
  type HeaderList,
  errors as kernelErrors,
  type UpgradedStream,
} from '@gatewright/kernel'
import { Framing } from '../body/framing.ts'
import type { Timed } from '../deadlines.ts'
import { requestError } from '../errors.ts'
import { http2Preface, incomplete } from '../faults.ts'
import type { WriterHost } from '../message-writer.ts'
import type { BodyHost } from '../received-body.ts'
import { SwitchedWire, type SwitchHost } from '../switched-wire.ts'
import type { Wire, WireHandler } from '../wire/wire.ts'
import { ClientPatience } from './client-patience.ts'
import { isFollowable, isWorthDraining, maxDrainedBytes } from './drained-body.ts'
import { errors } from './errors.ts'
import { handOver } from './hand-over.ts'
import { isEnding, type Phase } from './phase.ts'
import { ReadAhead } from './read-ahead.ts'
import { RequestReader } from './request-reader.ts'
import { framingFor } from './response-head.ts'
import { ResponseWriter } from './response-writer.ts'
import type { ServerHost } from './server-host.ts'

/**
 * The server side of one HTTP/1.1 connection: reads requests one after the other, hands each to the
 * host, writes the response. Bytes that cannot be a request end the connection (RFC 9112 section
 * 9.6).
 */
export class ServerConnection implements WireHandler, BodyHost, WriterHost, SwitchHost, Timed {
  readonly wire: Wire
  /** What became of the connection if it has left HTTP. */
  switched: SwitchedWire | undefined = undefined
  readonly #host: ServerHost
  readonly #reader: RequestReader
  readonly #writer: ResponseWriter
  readonly #ahead: ReadAhead
  readonly #patience: ClientPatience
  #phase: Phase = 'idle'
  #advancing = false
  #closeAfter = false
  /** Set once the gateway drains: how long a client that could not know has for a last request. */
  #graceMs = -1
  /** Set once the client took too long. */
  #late = false

  constructor(wire: Wire, host: ServerHost) {
    const { limits, deadlines, heads } = host
    this.wire = wire
    this.#host = host
    this.#reader = new RequestReader(limits, heads)
    this.#writer = new ResponseWriter(wire, this, heads)
    this.#ahead = new ReadAhead(wire)
    this.#patience = new ClientPatience(wire, limits, deadlines)
    wire.handler = this
    deadlines.add(this)
  }

  get dueAt(): number {
    return this.#patience.dueAt
  }

  /** Bytes of content that came in the present exchange so far. */
  get received(): number {
    return this.switched?.heard ?? this.#reader.body?.received ?? 0
  }

  /** The same that was sent. */
  get sent(): number {
    return this.switched?.said ?? this.#writer.sent
  }

  /** Closes when the present exchange is over. If there is none it may begin within `idleMs`. */
  drain(idleMs: number = 0): void {
    this.#graceMs = idleMs
    if (this.#phase !== 'idle') return isEnding(this.#phase) ? this.#allowEnding() : undefined
    if (idleMs === 0) return this.#finish()
    this.#patience.hurry(idleMs)
  }

  /** Closes now, whatever goes on. What was sent completely still reaches the client. */
  destroy(): void {
    if (this.switched !== undefined) return this.switched.destroy()
    if (!this.wire.flush() || this.#phase === 'exchange') this.wire.reset()
    else this.wire.destroy()
  }

  /** Sends the final response. @param close Whether the connection ends with it. */
  respond(response: GatewayResponse, close: boolean): void {
    if (this.#phase !== 'exchange' || this.#writer.begun) return response.discard()
    if (response.upgrade !== undefined) return this.#switch(response, response.upgrade)
    const { head, body } = this.#reader
    const framing = framingFor(response, head)
    const last = close || this.#graceMs >= 0 || !head.persistent || framing === Framing.untilClose
    if (last || !isFollowable(body, head)) this.#closeAfter = true
    try {
      this.#writer.respond(response, framing, head, this.#closeAfter)
    } catch (error) {
      response.discard()
      this.#respondInstead(error)
    }
    this.#touch()
  }

  /** Sends a 1xx response ahead of the final one (RFC 9110 section 15.2); not to HTTP/1.0. */
  inform(status: number, headers: HeaderList): void {
    const { head } = this.#reader
    if (this.#phase === 'exchange' && head.minor === 1) this.#writer.inform(status, headers)
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
    this.#host.deadlines.remove(this)
    this.#ahead.clear()
    if (busy) {
      const error = kernelErrors.GW_CLIENT_ABORTED()
      this.#host.onAbort(this)
      this.#writer.cancel(error)
      this.#reader.body?.fail(error)
      this.#endExchange()
    }
    this.#reader.release()
    this.#host.onClose(this)
  }

  expire(now: number): void {
    if (this.wire.blocked) return this.wire.reset()
    this.#late = true
    if (this.#phase === 'head') return this.#refuse(this.#patience.headError())
    if (this.#phase !== 'exchange') return this.wire.destroy()
    this.#closeAfter = true
    this.#reader.body?.fail(this.#patience.bodyError(now))
    this.#touch()
  }

  onBodyStarted(): void {
    this.#touch()
    const { head, body } = this.#reader
    const waits = head.expectsContinue && body?.arrived === false
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
    this.#reader.body?.fail(requestError(fault))
    if (this.#phase === 'draining') this.#linger()
  }

  onBodyCancelled(): number {
    const { head, body } = this.#reader
    if (!this.#closeAfter && isWorthDraining(body, head)) return maxDrainedBytes
    this.#closeAfter = true
    return 0
  }

  onBodyGivenUp(): void {
    this.#closeAfter = true
    if (this.#phase === 'draining') this.#linger()
  }

  onPeerLost(): GatewayError {
    this.#host.onAbort(this)
    return kernelErrors.GW_CLIENT_ABORTED()
  }

  onOtherLost(error: unknown): void {
    this.#host.onBroken(this, error)
  }

  onSwitchOver(): void {
    this.#phase = 'closed'
    this.#endExchange()
    this.#reader.release()
    this.#host.onClose(this)
  }

  onWritten(): void {
    if (this.#phase !== 'exchange') return
    this.#endExchange()
    const { body } = this.#reader
    if (this.#closeAfter || this.#graceMs === 0) return this.#linger()
    if (body === undefined || body.done) return this.#nextRequest()
    this.#phase = 'draining'
    this.#allowEnding()
    body.discard(maxDrainedBytes)
  }

  onWriteFailed(error: unknown): void {
    this.#host.onBroken(this, error)
    this.wire.reset()
  }

  /** Takes bytes until they are used up or something must be waited for. */
  #advance(buf: Buffer, start: number, end: number): void {
    if (this.#phase === 'exchange' || this.#phase === 'draining') {
      const { body } = this.#reader
      if (body === undefined || body.done) return this.#ahead.add(buf, start, end)
      this.#patience.received(end - start)
      // Whoever reads nothing may not make up for it by sending.
      if (!this.wire.blocked) this.#touch()
      body.offer(buf, start, end)
      return body.keep()
    }
    if (this.#phase === 'idle') {
      // Whoever does not read its responses gets no more of them.
      if (this.wire.blocked) return this.#ahead.add(buf, start, end)
      this.#phase = 'head'
      this.#reader.begin()
      this.#patience.beginHead()
    }
    const used = this.#reader.readHead(buf, start, end)
    if (used === incomplete) return
    if (used === http2Preface) return this.#handOver(this.#reader.received(buf, start, end))
    if (used < 0) return this.#refuse(requestError(used))
    this.#beginExchange(buf, start + used, end)
  }

  #beginExchange(buf: Buffer, start: number, end: number): void {
    this.#phase = 'exchange'
    this.#closeAfter = false
    this.#writer.reset()
    const request = this.#reader.takeRequest(this, this.#host)
    this.#patience.beginExchange()
    this.#touch()
    const { body } = this.#reader
    if (body === undefined) this.#ahead.add(buf, start, end)
    else body.offer(buf, start, end)
    this.#host.onRequest(this, request)
    body?.keep()
  }

  /** What the client speaks is known by its first bytes; later it may not change its mind. */
  #handOver(bytes: Buffer): void {
    const welcome = this.#host.http2 === true && !this.#reader.served
    if (!welcome) return this.#refuse(errors.GW_HTTP1_UNEXPECTED_HTTP2())
    this.#phase = 'closed'
    this.#reader.release()
    handOver(this, this.#host, bytes)
  }

  #endExchange(): void {
    this.#host.onDone(this)
    this.#writer.release()
  }

  #nextRequest(): void {
    this.#reader.body = undefined
    if (this.#graceMs === 0) return this.#finish()
    this.#reader.release()
    this.#phase = 'idle'
    this.#touch()
    if (this.#graceMs > 0) this.#patience.hurry(this.#graceMs)
    this.#takeAhead()
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

  /** Leaves HTTP: what the client says goes to the upstream from now on, and the other way round. */
  #switch(response: GatewayResponse, upstream: UpgradedStream): void {
    try {
      this.#writer.switch(response, this.#reader.upgrade)
    } catch (error) {
      response.discard()
      return this.#respondInstead(error)
    }
    const { deadlines } = this.#host
    this.#phase = 'switched'
    deadlines.remove(this)
    this.switched = new SwitchedWire(this.wire, this.#ahead.take(), deadlines, this)
    this.switched.join(upstream)
  }

  /** Answers what is no request, and ends the connection. */
  #refuse(error: unknown): void {
    this.#phase = 'exchange'
    this.#reader.body = undefined
    this.#writer.reset()
    this.respond(this.#host.onFault(this, error), true)
  }

  #respondInstead(error: unknown): void {
    if (this.#writer.begun) return this.onWriteFailed(error)
    this.#closeAfter = true
    const response = this.#host.onUnsendable(this, error)
    this.#writer.respond(response, framingFor(response, this.#reader.head), this.#reader.head, true)
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
    const wasEnding = isEnding(this.#phase)
    this.#phase = 'lingering'
    this.#ahead.clear()
    this.#reader.body?.fail(kernelErrors.GW_BODY_ABORTED())
    this.wire.end()
    this.wire.resume()
    // The time that it has begins once.
    if (wasEnding) this.#touch()
    else this.#allowEnding()
  }

  #allowEnding(): void {
    this.#patience.allowEnding(this.#graceMs >= 0 || this.#late)
    this.#touch()
  }

  #touch(): void {
    this.#patience.touch(this.#phase, this.#reader.body?.awaited === true, this.#writer.written)
  }
}
