import { sharedDeadlines, type Timed } from '@gatewright/http1'
import {
  asGatewayError,
  ContextKey,
  type GatewayError,
  type GatewayResponse,
  HeaderList,
  logLevelOf,
  type RequestContext,
  type Scope,
} from '@gatewright/kernel'
import { CallBody, type CallEnding } from './call-body.ts'
import { errors } from './errors.ts'
import { decodeMessage, encodeMessage } from './message.ts'
import { Code, type GrpcStatus, parseCode } from './status.ts'
import { tryTimeout } from './timeout.ts'
import { makeTrailersOnly, statusOf, statusOfError } from './trailers-only.ts'

/** How the call of an exchange ended; set once its client was told, or has gone. */
export const grpcStatus: ContextKey<GrpcStatus> = new ContextKey('grpc.status')

/** A server ended its answer, and that was all. */
const silent = statusOf(Code.unknown, 'the server did not say how the call ended')

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
    // With a response that has no body it is over, but for the sending.
    if (!this.stop(error) && !this.#ctx.established) this.#ctx.abort(error)
  }

  /** Ends a response that is on its way; false if there is none. */
  stop(error: GatewayError): boolean {
    const body = this.#body
    if (body === undefined) return false
    this.#body = undefined
    body.stop(error, this.#lastWords(statusOfError(error)))
    return true
  }

  /** Makes sure that a response of the upstream ends with a status. */
  follow(response: GatewayResponse): void {
    const { headers } = response
    const code = headers.get('grpc-status')
    if (code !== undefined) return tell(this.#ctx, statusIn(headers, code))
    const source = response.takeBody()
    if (source === undefined) {
      makeTrailersOnly(response, silent, headers.get('content-type') ?? '')
      return tell(this.#ctx, silent)
    }
    // It may be cut short, and end with trailers all the same.
    headers.delete('content-length')
    this.#body = new CallBody(source, this)
    response.replaceBody(this.#body)
  }

  ended(trailers: HeaderList | undefined): HeaderList {
    this.#body = undefined
    const code = trailers?.get('grpc-status')
    if (trailers === undefined || code === undefined) return this.#lastWords(silent, trailers)
    tell(this.#ctx, statusIn(trailers, code))
    return trailers
  }

  broke(error: unknown): HeaderList {
    this.#body = undefined
    this.#report(error)
    return this.#lastWords(statusOfError(error))
  }

  abandoned(): void {
    this.#body = undefined
    tell(this.#ctx, statusOf(Code.cancelled, 'the client gave the call up'))
  }

  /** The client gets a status, so that nobody else says what happened. */
  #report(error: unknown): void {
    const { code, source, message } = asGatewayError(error)
    const attempt = this.#ctx.attempts?.at(-1)
    const fields = {
      code,
      source,
      problem: message,
      path: this.#ctx.request.path,
      router: this.#ctx.route?.router,
      service: attempt?.service.name,
      endpoint: attempt?.endpoint.url.href,
    }
    this.#log[logLevelOf(source)](fields, 'call broke off')
  }

  #lastWords(status: GrpcStatus, trailers: HeaderList = new HeaderList()): HeaderList {
    tell(this.#ctx, status)
    trailers.set('grpc-status', String(status.code))
    if (status.message !== '') trailers.set('grpc-message', encodeMessage(status.message))
    return trailers
  }
}

/** This is how the call of an exchange ended, unless that is known already. */
export function tell(ctx: RequestContext, status: GrpcStatus): void {
  if (ctx.get(grpcStatus) === undefined) ctx.set(grpcStatus, status)
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
