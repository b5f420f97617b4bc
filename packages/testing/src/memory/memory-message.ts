import type { Duplex } from 'node:stream'
import type { Attempt, GatewayError, HeaderList, RequestContext } from '@gatewright/kernel'
import { ReceivedMessage } from '../wire/received-message.ts'

/** A request as it left the gateway in memory. */
export class MemoryRequest extends ReceivedMessage {
  readonly method: string
  readonly target: string
  readonly authority: string
  /** Name, value, …; names in lower case. */
  readonly rawHeaders: readonly string[]
  /** The attempt that sent it. */
  readonly attempt: Attempt
  #pieces: Buffer[] = []
  #trailers: readonly string[] = []
  #complete = false

  constructor({ request }: RequestContext, attempt: Attempt) {
    super()
    this.method = request.method
    this.target = request.target
    this.authority = request.authority
    this.rawHeaders = [...attempt.headers].flat()
    this.attempt = attempt
  }

  /** What has arrived of the body. */
  get body(): Buffer {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces)]
    return this.#pieces[0] ?? Buffer.alloc(0)
  }

  get rawTrailers(): readonly string[] {
    return this.#trailers
  }

  /** False if the body failed or was not wanted. */
  get complete(): boolean {
    return this.#complete
  }

  /** @internal */
  take(bytes: Buffer): void {
    this.#pieces.push(bytes)
  }

  /** @internal */
  finish(trailers: HeaderList | undefined): void {
    this.#trailers = [...(trailers ?? [])].flat()
    this.#complete = true
  }
}

/** A 1xx response in memory. */
export interface MemoryInterim {
  readonly status: number
  /** Name, value, …. */
  readonly rawHeaders: readonly string[]
}

/** What a {@link MemoryResponse} is made of. */
export interface MemoryResponseParts {
  readonly status: number
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  readonly rawTrailers: readonly string[]
  readonly error: GatewayError | undefined
  readonly bodyError: unknown
  readonly interim: readonly MemoryInterim[]
  readonly upgrade: Duplex | undefined
  readonly ctx: RequestContext
}

/** A response as the client in memory got it. */
export class MemoryResponse extends ReceivedMessage {
  readonly status: number
  /** Name, value, …; names in lower case. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  readonly rawTrailers: readonly string[]
  /** Why the gateway made this response; `undefined` for one of the upstream. */
  readonly error: GatewayError | undefined
  /** Why the body ended before it was complete. */
  readonly bodyError: unknown
  readonly interim: readonly MemoryInterim[]
  /** The connection behind a 101; the exchange lasts until it closes. */
  readonly upgrade: Duplex | undefined
  /** The exchange, for the values that plugins keep on it. */
  readonly ctx: RequestContext

  constructor(parts: MemoryResponseParts) {
    super()
    this.status = parts.status
    this.rawHeaders = parts.rawHeaders
    this.body = parts.body
    this.rawTrailers = parts.rawTrailers
    this.error = parts.error
    this.bodyError = parts.bodyError
    this.interim = parts.interim
    this.upgrade = parts.upgrade
    this.ctx = parts.ctx
  }
}
