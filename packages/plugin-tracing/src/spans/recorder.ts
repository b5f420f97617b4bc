import {
  type Exchange,
  type HeaderList,
  RequestContext,
  type StreamContext,
} from '@gatewright/kernel'
import type { ExchangeTrace } from '../exchange-trace.ts'
import { addAddress } from './addresses.ts'
import { spanOfAttempt } from './attempt-span.ts'
import { addExchange, nameIn, placeOf } from './exchange-span.ts'
import { addMethod, nameOf } from './methods.ts'
import { outcomeOf } from './outcome.ts'
import { QueryParams } from './query-params.ts'
import { Attributes, type Span } from './span.ts'
import { spanOfStream } from './stream-span.ts'

/** What of requests and responses stands in spans beside what always does. */
export interface RecorderOptions {
  readonly query_params: readonly string[]
  readonly request_headers: readonly string[]
  readonly response_headers: readonly string[]
}

/** Makes spans out of exchanges that are over, as OpenTelemetry's conventions for HTTP have them. */
export class Recorder {
  readonly #query: QueryParams
  readonly #requestFields: readonly string[]
  readonly #responseFields: readonly string[]

  constructor({ query_params, request_headers, response_headers }: RecorderOptions) {
    this.#query = new QueryParams(query_params)
    this.#requestFields = request_headers.map((name) => name.toLowerCase())
    this.#responseFields = response_headers.map((name) => name.toLowerCase())
  }

  /** The span of an exchange, and those of all that was done for it. */
  *spansOf(exchange: Exchange, trace: ExchangeTrace, endedAt: number): Generator<Span> {
    const isRequest = exchange instanceof RequestContext
    if (isRequest) yield this.#request(exchange, trace, endedAt)
    // The kernel knows two kinds of exchanges.
    else yield spanOfStream(exchange as StreamContext, trace, endedAt)
    yield* trace.steps
    yield* this.attemptsOf(exchange, trace, endedAt, false)
  }

  /** The spans of the tries of an exchange. */
  *attemptsOf(
    exchange: Exchange,
    trace: ExchangeTrace,
    endedAt: number,
    mirror: boolean,
  ): Generator<Span> {
    const { attempts = [] } = exchange
    const method = exchange instanceof RequestContext ? exchange.request.method : undefined
    for (const attempt of attempts) {
      const isLast = attempt.index === attempts.length - 1
      // What came of the last one lasts as long as the exchange; the others were given up.
      const goesOn = isLast && (attempt.status !== undefined || attempt.error === undefined)
      const end = goesOn ? endedAt : (attempt.endedAt ?? endedAt)
      yield spanOfAttempt(attempt, trace, end, method, mirror)
    }
  }

  #request(ctx: RequestContext, trace: ExchangeTrace, endedAt: number): Span {
    const { request, route, response, status, attempts } = ctx
    const attributes = new Attributes()
    this.#addHead(attributes, ctx)
    attributes.add('http.route', route?.router)
    attributes.add('http.response.status_code', status === 0 ? undefined : status)
    if (response !== undefined) {
      addFields(attributes, 'http.response.header.', response.headers, this.#responseFields)
    }
    addExchange(attributes, ctx)
    // What the response has said in its own language.
    const code = attempts?.at(-1)?.code
    attributes.add('gateway.code', code)
    const { failed, errorType } = outcomeOf(ctx, code)
    attributes.add('error.type', errorType)
    return {
      ...placeOf(trace),
      name: nameIn(route, nameOf(request.head.method)),
      startedAt: ctx.startedAt,
      endedAt,
      attributes,
      failed,
    }
  }

  /** What the client has asked for, whatever middlewares have made of that. */
  #addHead(attributes: Attributes, ctx: RequestContext): void {
    const { method, target, authority, upgrade, version, headers } = ctx.request.head
    const query = target.indexOf('?')
    addMethod(attributes, method)
    attributes.add('url.scheme', schemeOf(ctx))
    attributes.add('url.path', query < 0 ? target : target.slice(0, query))
    attributes.add('url.query', this.#query.of(query < 0 ? '' : target.slice(query + 1)))
    addAddress(attributes, authority)
    const { clientAddress, connection } = ctx
    attributes.add('client.address', clientAddress)
    if (connection.remoteAddress !== clientAddress) {
      attributes.add('network.peer.address', connection.remoteAddress)
    }
    // What is not said is HTTP.
    attributes.add('network.protocol.name', upgrade)
    attributes.add('network.protocol.version', upgrade === undefined ? version : undefined)
    attributes.add('user_agent.original', headers.get('user-agent'))
    addFields(attributes, 'http.request.header.', headers, this.#requestFields)
  }
}

/** As the client sees it, if a trusted proxy tells. */
function schemeOf({ connection, request }: RequestContext): string {
  if (connection.encrypted) return 'https'
  const told =
    connection.fromTrustedProxy === true ? request.headers.get('x-forwarded-proto') : undefined
  return told === 'https' ? told : 'http'
}

function addFields(
  attributes: Attributes,
  prefix: string,
  headers: HeaderList,
  names: readonly string[],
): void {
  for (const name of names) {
    const values = headers.getAll(name)
    if (values.length > 0) attributes.add(prefix + name, values)
  }
}
