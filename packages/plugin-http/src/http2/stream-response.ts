import { type Head, receivedHeadOf, serverErrors } from '@gatewright/http1'
import {
  type BodySink,
  type BodySource,
  type GatewayResponse,
  type HeaderList,
  errors as kernelErrors,
  type UpgradedStream,
} from '@gatewright/kernel'
import { heads } from '../environment.ts'
import type { Http2Stream } from './codec.ts'
import { interimFields, responseFields, switchedFields, trailerFields } from './response-fields.ts'

/** Told how a response went. */
export interface StreamResponseHost {
  /** All of the response was given to the stream. */
  onWritten(): void
  /** The response broke off after its head was sent. */
  onWriteFailed(error: unknown): void
  /** The client has taken bytes, or has to take some before there are more. */
  onResponseMoved(): void
}

/** Writes the response of one stream. */
export class StreamResponse implements BodySink {
  /** The final head was sent. */
  begun = false
  /** All of it was given to the stream. */
  complete = false
  /** The client does not keep up. */
  blocked = false
  /** Bytes of the body so far. */
  written = 0
  readonly #stream: Http2Stream
  readonly #host: StreamResponseHost
  #source: BodySource | undefined = undefined
  /** What the stream was switched to. */
  #upgrade: UpgradedStream | undefined = undefined
  #headers: HeaderList | undefined = undefined
  /** Bytes that are still to come, or -1. */
  #remaining = -1
  /** What an upstream gave, which goes back to its pool. */
  #received: Head | undefined = undefined
  #generation = 0

  constructor(stream: Http2Stream, host: StreamResponseHost) {
    this.#stream = stream
    this.#host = host
  }

  /** The stream has left HTTP. */
  get switched(): boolean {
    return this.#upgrade !== undefined
  }

  /** Sends an interim head; 101 is none. */
  inform(status: number, headers: HeaderList): void {
    const interim = Number.isInteger(status) && status > 101 && status < 200
    if (interim && !this.begun) this.#stream.inform(status, interimFields(headers))
  }

  /**
   * Sends a response. Throws, with nothing sent, if its head cannot be sent: GW_INVALID_HEADER,
   * GW_HTTP1_UNSENDABLE_STATUS.
   * @param isHead Whether it answers HEAD.
   */
  respond(response: GatewayResponse, isHead: boolean): void {
    const { status, bodyLength } = response
    if (!Number.isInteger(status) || status < 200 || status > 599) throw unsendable(status)
    const omitted = isHead || status === 304
    const fields = responseFields(response, toldLength(response, omitted))
    const bodiless = omitted || bodyLength === 0 || status === 204
    const source = bodiless ? undefined : response.takeBody()
    this.#begin(response)
    this.#remaining = bodyLength ?? -1
    // Whether trailers follow is known at the end only of a body that has no length.
    this.#stream.respond(fields, source === undefined, !bodiless && bodyLength === undefined)
    if (source === undefined) {
      response.discard()
      return this.#finish()
    }
    this.#source = source
    source.start(this)
  }

  /**
   * Leaves HTTP: what the client says goes to the upstream from now on, and the other way round.
   * Throws as `respond`.
   */
  switch(response: GatewayResponse, upgrade: UpgradedStream, client: BodySource | undefined): void {
    const { status } = response
    if (status !== 101 || client === undefined) throw unsendable(status)
    const fields = switchedFields(response)
    this.#begin(response)
    this.#stream.respond(fields, false, false)
    this.#upgrade = upgrade
    this.#source = upgrade.source
    upgrade.connect(client)
    upgrade.source.start(this)
  }

  /** The client takes bytes again. */
  onWritable(): void {
    if (!this.blocked) return
    this.blocked = false
    this.#host.onResponseMoved()
    this.#source?.resume()
  }

  /** Ends what was switched in order, as far as it can be. */
  endSwitched(): void {
    this.#source = undefined
    this.#upgrade?.destroy()
    this.#finish()
    this.#stream.end(undefined)
  }

  /** Nobody will read the rest. */
  cancel(error: unknown): void {
    this.#takeSource()?.cancel(error)
    this.#upgrade?.destroy(error)
  }

  /** Nobody looks at the response any more. */
  release(): void {
    const head = this.#received
    this.#received = undefined
    if (head !== undefined && head.generation === this.#generation) heads.release(head)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#source === undefined) return false
    const size = end - start
    if (size === 0) return true
    if (this.#remaining >= 0) {
      this.#remaining -= size
      if (this.#remaining < 0) {
        this.#break('the body is longer than its content-length')
        return false
      }
    }
    this.written += size
    const ready = this.#stream.write(bytes, start, end)
    this.blocked = !ready
    this.#host.onResponseMoved()
    return ready
  }

  end(trailers: HeaderList | undefined): void {
    if (this.#source === undefined) return
    if (this.#remaining > 0) return this.#break('the body is shorter than its content-length')
    this.#source = undefined
    let fields: string[] | undefined
    try {
      fields = trailers && trailerFields(this.#headers?.filterTrailers(trailers) ?? trailers)
    } catch (error) {
      // The client must not take the message for a whole one.
      return this.#host.onWriteFailed(error)
    }
    this.#stream.end(fields)
    this.#finish()
  }

  fail(error: unknown): void {
    if (this.#takeSource() !== undefined) this.#host.onWriteFailed(error)
  }

  #begin(response: GatewayResponse): void {
    this.begun = true
    this.#headers = response.headers
    this.#received = receivedHeadOf(response)
    this.#generation = this.#received?.generation ?? 0
  }

  #finish(): void {
    this.complete = true
    this.#host.onWritten()
  }

  #break(problem: string): void {
    const error = kernelErrors.GW_INTERNAL({ problem })
    this.#takeSource()?.cancel(error)
    this.#host.onWriteFailed(error)
  }

  #takeSource(): BodySource | undefined {
    const source = this.#source
    this.#source = undefined
    return source
  }
}

/** What `responseFields` is to say of the length. */
function toldLength(
  { status, hasBody, bodyLength }: GatewayResponse,
  omitted: boolean,
): number | undefined {
  if (status === 204) return undefined
  return omitted && (!hasBody || bodyLength === undefined) ? -1 : bodyLength
}

function unsendable(status: number): Error {
  return serverErrors.GW_HTTP1_UNSENDABLE_STATUS({ status })
}
