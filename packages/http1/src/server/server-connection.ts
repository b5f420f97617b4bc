import {
  GatewayRequest,
  type GatewayResponse,
  type HeaderList,
  errors as kernelErrors,
} from '@gatewright/kernel'
import { requestFraming } from '../body/framing.ts'
import { bodyDecoder } from '../body-decoder.ts'
import type { Deadlines, Timed } from '../deadlines.ts'
import { requestError } from '../errors.ts'
import { http2Preface, incomplete } from '../faults.ts'
import type { Head } from '../head/head.ts'
import type { HeadPool } from '../head/head-pool.ts'
import { HeadReader } from '../head/head-reader.ts'
import { parseRequestHead } from '../head/parse.ts'
import type { Http1Limits } from '../limits.ts'
import { type BodyHost, ReceivedBody } from '../received-body.ts'
import type { Wire, WireHandler } from '../wire/wire.ts'
import { errors } from './errors.ts'
import { ResponseWriter } from './response-writer.ts'
import { WireRequestHead } from './wire-request-head.ts'

/** Whoever answers the requests of a connection. None of these may throw. */
export interface ServerHost {
  readonly limits: Http1Limits
  readonly deadlines: Deadlines
  readonly heads: HeadPool
  /** A request head was read. Answer once with {@link ServerConnection.respond}. */
  onRequest(connection: ServerConnection, request: GatewayRequest): void
  /** The client went away before it had its response. `onDone` follows. */
  onAbort(connection: ServerConnection): void
  /** The exchange is over: its response is out or nobody will read it. */
  onDone(connection: ServerConnection): void
  /** What came in is no request; the response to it. The connection closes after that. */
  onFault(connection: ServerConnection, error: unknown): GatewayResponse
  onClose(connection: ServerConnection): void
}

/** Pipelined bytes that are kept while an exchange goes on; above it the wire pauses. */
const maxAheadBytes = 64 * 1024
/** An unread body of at most this size is read to its end, so that the connection can go on. */
const maxDrainedBytes = 256 * 1024
/** How long a client may go on sending after its connection was given up. */
const lingerMs = 2000

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
  #phase: Phase = 'idle'
  #head: Head
  #body: ReceivedBody | undefined = undefined
  /** What the client sent after the present request. */
  #ahead: Buffer | undefined = undefined
  #aheadPaused = false
  #advancing = false
  #closeAfter = false
  /** Set once the gateway drains. */
  #lastRequest = false

  constructor(wire: Wire, host: ServerHost) {
    this.wire = wire
    this.#host = host
    this.#head = host.heads.take()
    this.#reader = new HeadReader(parseRequestHead, host.limits, host.limits.requestHeadBytes)
    this.#writer = new ResponseWriter(wire, {
      onWritten: () => this.#responseDone(),
      onWriteFailed: () => this.wire.reset(),
    })
    this.dueAt = performance.now() + host.limits.headerTimeoutMs
    wire.handler = this
    host.deadlines.add(this)
  }

  /** True between the head of a request and the end of its response. */
  get busy(): boolean {
    return this.#phase === 'exchange'
  }

  get closed(): boolean {
    return this.#phase === 'closed'
  }

  /** Closes when the present exchange is over; now if there is none. */
  drain(): void {
    this.#lastRequest = true
    if (this.#phase === 'idle') this.wire.destroy()
  }

  /** Closes now, whatever goes on. */
  destroy(): void {
    if (this.#phase !== 'closed') this.wire.reset()
  }

  /** Sends the final response. @param close Whether the connection ends with it. */
  respond(response: GatewayResponse, close: boolean): void {
    if (this.#phase !== 'exchange') return response.discard()
    const head = this.#head
    this.#closeAfter = close || this.#lastRequest || !head.persistent || !this.#canGoOn()
    this.#touch()
    this.#writer.respond(response, head, this.#closeAfter)
  }

  /** Sends a 1xx response ahead of the final one (RFC 9110 section 15.2); not to HTTP/1.0. */
  inform(status: number, headers: HeaderList): void {
    if (this.#phase === 'exchange' && this.#head.minor === 1) this.#writer.inform(status, headers)
  }

  onBytes(buf: Buffer, start: number, end: number): void {
    if (this.#phase === 'closed' || this.#phase === 'lingering') return
    if (this.#ahead !== undefined) return this.#keepAhead(buf, start, end)
    this.#advance(buf, start, end)
  }

  onEnd(): void {
    // A client that sends no more may still read, but most are gone; treat all alike (as nginx).
    if (this.#phase === 'idle' || this.#phase === 'head') this.wire.end()
    this.wire.destroy()
  }

  onWritable(): void {
    this.#touch()
    this.#writer.onWritable()
  }

  onClose(): void {
    if (this.#phase === 'closed') return
    const { busy } = this
    this.#phase = 'closed'
    this.dueAt = Number.POSITIVE_INFINITY
    this.#host.deadlines.remove(this)
    this.#ahead = undefined
    if (busy) {
      const error = kernelErrors.GW_CLIENT_ABORTED()
      this.#host.onAbort(this)
      this.#writer.cancel(error)
      this.#body?.fail(error)
      this.#host.onDone(this)
    }
    this.#host.heads.release(this.#head)
    this.#host.onClose(this)
  }

  expire(): void {
    const { limits } = this.#host
    if (this.#phase === 'head')
      return this.#refuse(errors.GW_HTTP1_HEADER_TIMEOUT({ timeoutMs: limits.headerTimeoutMs }))
    if (this.#phase === 'exchange' && !this.wire.blocked && this.#uploading()) {
      this.#closeAfter = true
      this.#touch()
      return this.#body?.fail(errors.GW_HTTP1_BODY_TIMEOUT({ timeoutMs: limits.uploadIdleMs }))
    }
    if (this.#phase === 'exchange') return this.wire.reset()
    this.wire.destroy()
  }

  onBodyStarted(): void {
    this.#touch()
    if (this.#phase === 'exchange' && this.#head.expectsContinue && !this.#writer.begun) {
      this.#writer.continue()
    }
  }

  onBodyPaused(paused: boolean): void {
    if (paused) this.wire.pause()
    else this.wire.resume()
    this.#touch()
  }

  onBodyEnded(buf: Buffer, start: number, end: number): void {
    if (start < end) this.#keepAhead(buf, start, end)
    this.#touch()
    if (this.#phase === 'draining') this.#nextRequest()
  }

  onBodyFault(fault: number): void {
    const error = requestError(fault)
    this.#closeAfter = true
    if (this.#phase === 'draining') return this.wire.destroy()
    this.#body?.fail(error)
  }

  onBodyCancelled(): void {
    // The rest of the body is of no use to anybody; what follows it cannot be found any more.
    this.#closeAfter = true
  }

  /** Takes bytes until they are used up or something must be waited for. */
  #advance(buf: Buffer, start: number, end: number): void {
    if (this.#phase === 'exchange' || this.#phase === 'draining') {
      const body = this.#body
      if (body === undefined || body.done) return this.#keepAhead(buf, start, end)
      this.#touch()
      body.offer(buf, start, end)
      body.keep()
      return
    }
    if (this.#phase === 'idle') {
      this.#phase = 'head'
      this.dueAt = performance.now() + this.#host.limits.headerTimeoutMs
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
    const decoder = bodyDecoder(requestFraming(this.#head), this.#host.limits)
    const body = decoder === undefined ? undefined : new ReceivedBody(decoder, this)
    this.#body = body
    this.#touch()
    const request = new GatewayRequest(new WireRequestHead(this.#head), body ?? null)
    if (body === undefined) {
      if (start < end) this.#keepAhead(buf, start, end)
    } else body.offer(buf, start, end)
    this.#host.onRequest(this, request)
    body?.keep()
  }

  /** True if the end of the request can be found, so that another one may follow. */
  #canGoOn(): boolean {
    const body = this.#body
    if (body === undefined || body.done) return !this.#closeAfter
    if (body.started) return true
    return !this.#head.expectsContinue && (body.remaining ?? maxDrainedBytes) <= maxDrainedBytes
  }

  #responseDone(): void {
    if (this.#phase !== 'exchange') return
    this.#host.onDone(this)
    const body = this.#body
    if (this.#closeAfter) return this.#linger()
    if (body === undefined || body.done) {
      this.#phase = 'draining'
      return this.#nextRequest()
    }
    if (body.started) return this.#linger()
    this.#phase = 'draining'
    this.dueAt = performance.now() + lingerMs
    body.start(discarding)
  }

  #nextRequest(): void {
    this.#body = undefined
    this.#host.heads.release(this.#head)
    this.#head = this.#host.heads.take()
    if (this.#lastRequest) return this.wire.destroy()
    this.#phase = 'idle'
    this.dueAt = performance.now() + this.#host.limits.keepAliveMs
    this.#takeAhead()
  }

  /** Goes on with what the client sent early. A loop, since each request may be answered at once. */
  #takeAhead(): void {
    if (this.#advancing) return
    this.#advancing = true
    while (this.#phase === 'idle' && this.#ahead !== undefined) {
      const ahead = this.#ahead
      this.#ahead = undefined
      if (this.#aheadPaused) {
        this.#aheadPaused = false
        this.wire.resume()
      }
      this.#advance(ahead, 0, ahead.length)
    }
    this.#advancing = false
  }

  #keepAhead(buf: Buffer, start: number, end: number): void {
    const bytes = buf.subarray(start, end)
    this.#ahead =
      this.#ahead === undefined ? Buffer.from(bytes) : Buffer.concat([this.#ahead, bytes])
    if (this.#ahead.length < maxAheadBytes || this.#aheadPaused) return
    this.#aheadPaused = true
    this.wire.pause()
  }

  /** Answers what is no request, and ends the connection. */
  #refuse(error: unknown): void {
    this.#phase = 'exchange'
    this.#body = undefined
    this.#closeAfter = true
    this.#writer.respond(this.#host.onFault(this, error), this.#head, true)
  }

  /**
   * Ends the connection in a way that the client can read the response to its end: closing with
   * bytes unread would reset it (RFC 9112 section 9.6).
   */
  #linger(): void {
    this.#phase = 'lingering'
    this.dueAt = performance.now() + lingerMs
    this.#body?.fail(kernelErrors.GW_CLIENT_ABORTED())
    this.wire.end()
    this.wire.resume()
  }

  #uploading(): boolean {
    const body = this.#body
    return body !== undefined && !body.done && !body.paused && body.started
  }

  /** Something moved: whatever is due next is due later. */
  #touch(): void {
    if (this.#phase !== 'exchange') return
    const { limits } = this.#host
    const now = performance.now()
    if (this.wire.blocked) this.dueAt = now + limits.writeStallMs
    else if (this.#uploading()) this.dueAt = now + limits.uploadIdleMs
    else this.dueAt = Number.POSITIVE_INFINITY
  }
}

const discarding = {
  write: (): boolean => true,
  end(): void {
    // The end is what was waited for; the connection hears of it itself.
  },
  fail(): void {
    // The connection ends, which it hears of itself.
  },
}
