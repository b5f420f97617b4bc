import { consumerKey } from '@gatewright/identity'
import {
  type Attempt,
  type Exchange,
  firstByteAt,
  type HeaderList,
  notes,
  type RequestContext,
  type StreamContext,
} from '@gatewright/kernel'
import type { AccessLogOptions, HeaderOptions } from './options.ts'
import { ToldPath } from './query.ts'

/** What is told of an exchange. */
export type AccessRecord = Record<string, unknown>

const protocols = { '1.0': 'HTTP/1.0', '1.1': 'HTTP/1.1', '2': 'HTTP/2' } as const

/** Puts together what is told of an exchange. */
export class Recorder {
  readonly #path: ToldPath
  readonly #headers: HeaderOptions
  readonly #redacted: ReadonlySet<string>

  constructor({ include_query, redact_query, headers }: AccessLogOptions) {
    this.#path = new ToldPath(include_query, redact_query)
    this.#headers = headers
    this.#redacted = new Set(headers.redact.map((name) => name.toLowerCase()))
  }

  ofRequest(ctx: RequestContext, endedAt: number): AccessRecord {
    const { head } = ctx.request
    const { upgrade } = head
    const record: AccessRecord = {
      ...beginOf(ctx, endedAt, ctx.clientAddress),
      method: head.method,
      // As the client sent it; middlewares may have changed it since.
      path: this.#path.of(head.target),
      host: head.authority === '' ? null : head.authority,
      proto: upgrade === 'websocket' ? 'WS' : protocols[head.version],
      status: ctx.status,
      request_bytes: ctx.received,
      response_bytes: ctx.sent,
      ...endsOf(ctx),
      user_agent: head.headers.get('user-agent') ?? null,
    }
    this.#addWhatIsRare(record, ctx)
    this.#addHeaders(record, ctx)
    return Object.assign(record, ctx.get(notes))
  }

  /** What is told only where there is something to tell. */
  #addWhatIsRare(record: AccessRecord, ctx: RequestContext): void {
    const { request, response, connection, route } = ctx
    const firstByte = ctx.get(firstByteAt)
    const last = ctx.attempts?.at(-1)
    const upstreamPath = this.#path.of(request.target)
    const consumer = ctx.get(consumerKey)
    if (ctx.clientAddress !== connection.remoteAddress) record['peer_ip'] = connection.remoteAddress
    if (firstByte !== undefined) record['ttfb_ms'] = milliseconds(firstByte - ctx.startedAt)
    if (last !== undefined) addServer(record, last, route?.service)
    if (upstreamPath !== record['path']) record['upstream_path'] = upstreamPath
    if (response?.error !== undefined) record['error'] = response.error.code
    if (ctx.answeredBy?.startsWith('middleware') === true) record['responded_by'] = ctx.answeredBy
    if (consumer !== undefined) record['user'] = consumer.name
  }

  #addHeaders(record: AccessRecord, { request, response }: RequestContext): void {
    const { request: asked, response: answered } = this.#headers
    if (asked.length > 0) record['request_headers'] = this.#fieldsOf(request.head.headers, asked)
    if (answered.length > 0 && response !== undefined) {
      record['response_headers'] = this.#fieldsOf(response.headers, answered)
    }
  }

  ofStream(ctx: StreamContext, endedAt: number): AccessRecord {
    const { connection, snapshot, refusal } = ctx
    const protocol = snapshot.config.entrypoints[connection.entrypoint]?.protocol ?? 'tcp'
    const record: AccessRecord = {
      ...beginOf(ctx, endedAt, connection.remoteAddress),
      proto: protocol.toUpperCase(),
      request_bytes: ctx.received,
      response_bytes: ctx.sent,
      ...endsOf(ctx),
    }
    const error = refusal?.error ?? ctx.attempts?.at(-1)?.error
    if (refusal !== undefined) record['error'] = refusal.code ?? error?.code ?? refusal.reason
    else if (error !== undefined) record['error'] = error.code
    return Object.assign(record, ctx.get(notes))
  }

  #fieldsOf(headers: HeaderList, names: readonly string[]): Record<string, string> {
    const told: Record<string, string> = {}
    for (const name of names) {
      const key = name.toLowerCase()
      const values = headers.getAll(key)
      if (values.length === 0) continue
      told[key] = this.#redacted.has(key) ? '[redacted]' : values.join(', ')
    }
    return told
  }
}

function beginOf(exchange: Exchange, endedAt: number, clientAddress: string): AccessRecord {
  const { startedAt, connection } = exchange
  return {
    timestamp: new Date(performance.timeOrigin + startedAt).toISOString(),
    client_ip: clientAddress,
    entrypoint: connection.entrypoint,
    duration_ms: milliseconds(endedAt - startedAt),
    ...(connection.serverName !== undefined && { sni: connection.serverName }),
  }
}

/** Where it went. */
function endsOf({ route, attempts }: Exchange): AccessRecord {
  const last = attempts?.at(-1)
  return {
    router: route?.router ?? null,
    service: route?.service ?? null,
    backend: last === undefined ? null : originOf(last),
    ...(attempts !== undefined &&
      attempts.length > 1 && { attempts: attempts.map((attempt) => triedAs(attempt)) }),
  }
}

function addServer(record: AccessRecord, last: Attempt, service: string | undefined): void {
  record['upstream_ms'] = tookMs(last)
  if (last.service.name !== service) record['served_by'] = last.service.name
}

function triedAs(attempt: Attempt): AccessRecord {
  const { status = null, error } = attempt
  return {
    backend: originOf(attempt),
    status,
    error: error?.code ?? null,
    ms: tookMs(attempt),
  }
}

/** Without what may be secret in a URL. */
function originOf({ endpoint }: Attempt): string {
  const { protocol, host } = endpoint.url
  return `${protocol}//${host}`
}

function tookMs({ startedAt, endedAt }: Attempt): number | null {
  return endedAt === undefined ? null : milliseconds(endedAt - startedAt)
}

function milliseconds(value: number): number {
  return Math.round(value * 1000) / 1000
}
