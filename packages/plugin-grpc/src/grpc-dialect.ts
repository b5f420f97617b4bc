import { Kind, WireHeaders } from '@gatewright/http1'
import {
  type Attempt,
  ContextKey,
  type Dialect,
  type DialectFactory,
  type GatewayError,
  type GatewayRequest,
  type GatewayResponse,
  type RequestContext,
  type Scope,
} from '@gatewright/kernel'
import { Call, tell } from './call.ts'
import { errors } from './errors.ts'
import { isGrpc } from './media-type.ts'
import { type GrpcStatus, nameOfCode, parseCode } from './status.ts'
import { makeTrailersOnly, statusOfError, statusOfResponse } from './trailers-only.ts'

const callKey: ContextKey<Call> = new ContextKey('grpc.call')

/** Calls of gRPC: what the gateway says of them is said in `grpc-status`. */
class GrpcDialect implements Dialect {
  readonly #log: Scope['log']

  constructor(log: Scope['log']) {
    this.#log = log
  }

  begin(ctx: RequestContext): void {
    ctx.set(callKey, new Call(ctx, this.#log))
  }

  arrived(_ctx: RequestContext, attempt: Attempt, response: GatewayResponse): void {
    noteCode(attempt, response)
  }

  answer(response: GatewayResponse, ctx: RequestContext): void {
    const failure = failureIn(response, ctx)
    if (failure === undefined) return ctx.get(callKey)?.follow(response)
    makeTrailersOnly(response, failure, 'application/grpc')
    tell(ctx, failure)
  }

  interrupt(ctx: RequestContext, error: GatewayError): boolean {
    return ctx.get(callKey)?.stop(error) ?? false
  }
}

/** Requests that are calls. Those over HTTP/1.1 cannot be answered, which they are told. */
export function grpcDialect(log: Scope['log']): DialectFactory {
  const dialect = new GrpcDialect(log)
  return {
    type: 'grpc',
    versions: ['1.0', '1.1', '2'],
    find(request) {
      if (!isCall(request)) return undefined
      const { version } = request
      if (version === '2') return dialect
      throw errors.GW_GRPC_HTTP_VERSION({ version })
    },
  }
}

/** What is to be said in place of a response; `undefined` if the response says it in gRPC. */
export function failureIn(
  response: GatewayResponse,
  { abortedBy }: RequestContext,
): GrpcStatus | undefined {
  if (!isAnswer(response)) return statusOfResponse(response)
  // It came after the client had given up waiting.
  return abortedBy === undefined ? undefined : statusOfError(abortedBy)
}

/** Tells whoever judges servers what the answer says, as soon as it does. */
export function noteCode(attempt: Attempt, response: GatewayResponse): void {
  if (!isAnswer(response)) return
  const code = response.headers.get('grpc-status')
  if (code !== undefined) {
    attempt.code = nameOfCode(parseCode(code))
    return
  }
  response.trailers.then((trailers) => {
    const last = trailers.get('grpc-status')
    if (last !== undefined) attempt.conclude(nameOfCode(parseCode(last)))
  }, ignore)
}

function isAnswer({ error, headers }: GatewayResponse): boolean {
  return error === undefined && isGrpc(headers.get('content-type'))
}

function isCall({ method, headers }: GatewayRequest): boolean {
  if (headers instanceof WireHeaders && !mayBeGrpc(headers.section)) return false
  return method === 'POST' && isGrpc(headers.get('content-type'))
}

/**
 * Looks at one byte of the content type: all requests over HTTP/1.1 are asked, and hardly any of
 * them is one of gRPC.
 */
function mayBeGrpc(section: WireHeaders['section']): boolean {
  if (!section.has(Kind.contentType)) return false
  for (let line = 0; line < section.count; line++) {
    if (section.kind(line) !== Kind.contentType) continue
    const letter = section.buf[section.offset(line, 2) + 'application/'.length]
    return letter === 0x67 || letter === 0x47
  }
  return false
}

function ignore(): void {
  // Whoever sends the body is told why it broke off.
}
