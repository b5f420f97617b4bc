import { sharedDeadlines, type Timed } from '@gatewright/http1'
import {
  ContextKey,
  type GatewayResponse,
  HeaderList,
  problemOf,
  type RequestContext,
  type Scope,
} from '@gatewright/kernel'
import { CallBody, type CallEnding } from './call-body.ts'
import { errors } from './errors.ts'
import { decodeMessage, encodeMessage } from './message.ts'
import { Code, type GrpcStatus, parseCode } from './status.ts'
import { tryTimeout } from './timeout.ts'
import { statusOf, statusOfError } from './trailers-only.ts'

/** How the call of an exchange ended; set once its client was told, or has gone. */
export const grpcStatus: ContextKey<GrpcStatus> = new ContextKey('grpc.status')

/** One call: bounded in time by its client, and ended with a status whatever happens. */
export class Call implements Timed, CallEnding {
  readonly dueAt: number
  readonly #ctx: RequestContext
  readonly #log: Scope['log']
  readonly #timeoutMs: number | undefined
  #body: CallBody | undefined = undefined

  /** Throws GW_GRPC_BAD_TIMEOUT. */
  constructor(ctx: RequestContext, log: Scope['log']) {
    this.#ctx = ctx
    this.#log = log
    const value = ctx.request.headers.get('grpc-timeout')
    this.#timeoutMs = value === undefined ? undefined : parseTimeout(value)
    this.dueAt = ctx.startedAt + (this.#timeoutMs ?? Number.POSITIVE_INFINITY)
    if (this.#timeoutMs === undefined) return
    sharedDeadlines.add(this)
    ctx.defer(() => sharedDeadlines.remove(this))
  }

  /** The client has given up waiting, or is about to. */
  expire(): void {
    sharedDeadlines.remove(this)
    const error = errors.GW_GRPC_DEADLINE_EXCEEDED({ timeoutMs: this.#timeoutMs ?? 0 })
    const body = this.#body
    this.#body = undefined
    if (body !== undefined) body.stop(error, this.#lastWordsFor(error))
    // With a response that has no body it is over, but for the sending.
    else if (!this.#ctx.established) this.#ctx.abort(error)
  }

  /** Makes sure that a response of the upstream ends with a status. */
  follow(response: GatewayResponse): void {
    const { headers } = response
    const code = headers.get('grpc-status')
    if (code !== undefined) return this.tell(statusIn(headers, code))
    const source = response.takeBody()
    if (source === undefined) return this.ended(undefined)
    // It may be cut short, and end with trailers all the same.
    headers.delete('content-length')
    this.#body = new CallBody(source, this)
    response.replaceBody(this.#body)
  }

  /** This is how it ended. */
  tell(status: GrpcStatus): void {
    if (this.#ctx.get(grpcStatus) === undefined) this.#ctx.set(grpcStatus, status)
  }

  ended(trailers: HeaderList | undefined): void {
    this.#body = undefined
    const code = trailers?.get('grpc-status')
    if (trailers === undefined || code === undefined) {
      this.tell(statusOf(Code.unknown, 'the server did not say how the call ended'))
    } else this.tell(statusIn(trailers, code))
  }

  broke(error: unknown): HeaderList {
    this.#body = undefined
    const router = this.#ctx.route?.router
    this.#log.debug({ router, problem: problemOf(error) }, 'call broke off')
    return this.#lastWordsFor(error)
  }

  abandoned(): void {
    this.#body = undefined
    this.tell(statusOf(Code.cancelled, 'the client gave the call up'))
  }

  #lastWordsFor(error: unknown): HeaderList {
    const status = statusOfError(error)
    this.tell(status)
    const trailers = new HeaderList(['grpc-status', String(status.code)])
    if (status.message !== '') trailers.append('grpc-message', encodeMessage(status.message))
    return trailers
  }
}

/** What the fields of a head or of trailers say. */
function statusIn(fields: HeaderList, code: string): GrpcStatus {
  return statusOf(parseCode(code), decodeMessage(fields.get('grpc-message') ?? ''))
}

function parseTimeout(value: string): number {
  const timeoutMs = tryTimeout(value)
  if (timeoutMs === undefined) throw errors.GW_GRPC_BAD_TIMEOUT({ value })
  return timeoutMs
}
