import { consumerKey } from '@gatewright/identity'
import {
  type Attempt,
  type Endpoint,
  type Exchange,
  firstByteAt,
  type HeaderList,
  type RequestContext,
  type StreamContext,
} from '@gatewright/kernel'
import { KnownTexts, milliseconds, quoted, Timestamps } from './json-text.ts'
import type { AccessLogOptions, HeaderOptions } from './options.ts'
import { ToldPath } from './query.ts'

/** One field of a line. */
export interface Field<E extends Exchange> {
  readonly name: string
  /** As JSON; `undefined` leaves the field out. */
  readonly valueOf: (exchange: E, endedAt: number) => string | undefined
}

const protocols = { '1.0': '"HTTP/1.0"', '1.1': '"HTTP/1.1"', '2': '"HTTP/2"' } as const
const names = new KnownTexts()
const timestamps = new Timestamps()
const origins = new WeakMap<Endpoint, string>()

/** What is told of requests, in that order. */
export function requestFields(options: AccessLogOptions): readonly Field<RequestContext>[] {
  const told = new ToldPath(options.include_query, options.redact_query)
  return [
    ...beginOf((ctx: RequestContext) => ctx.clientAddress),
    { name: 'method', valueOf: (ctx) => names.quoted(ctx.request.head.method) },
    // As the client sent it; middlewares may have changed it since.
    { name: 'path', valueOf: (ctx) => quoted(told.of(ctx.request.head.target)) },
    { name: 'host', valueOf: (ctx) => quotedOrNull(ctx.request.head.authority || undefined) },
    { name: 'proto', valueOf: (ctx) => protocolOf(ctx) },
    { name: 'status', valueOf: (ctx) => String(ctx.status) },
    ...bytesAndEnds,
    {
      name: 'user_agent',
      valueOf: (ctx) => quotedOrNull(ctx.request.head.headers.get('user-agent')),
    },
    ...rarely,
    { name: 'upstream_path', valueOf: (ctx) => upstreamPath(ctx, told) },
    ...answers,
    ...headerFields(options.headers),
  ]
}

/** What is told of connections that carry no requests. */
export function streamFields(): readonly Field<StreamContext>[] {
  return [
    ...beginOf((ctx: StreamContext) => ctx.connection.remoteAddress),
    {
      name: 'proto',
      valueOf: ({ connection, snapshot }) => {
        const protocol = snapshot.config.entrypoints[connection.entrypoint]?.protocol ?? 'tcp'
        return quoted(protocol.toUpperCase())
      },
    },
    ...bytesAndEnds,
    { name: 'error', valueOf: (ctx) => streamError(ctx) },
  ]
}

function beginOf<E extends Exchange>(addressOf: (ctx: E) => string): readonly Field<E>[] {
  return [
    { name: 'timestamp', valueOf: ({ startedAt }) => timestamps.quoted(startedAt) },
    { name: 'client_ip', valueOf: (ctx) => quoted(addressOf(ctx)) },
    { name: 'entrypoint', valueOf: ({ connection }) => names.quoted(connection.entrypoint) },
    { name: 'duration_ms', valueOf: (ctx, endedAt) => milliseconds(endedAt - ctx.startedAt) },
    {
      name: 'sni',
      valueOf: ({ connection: { serverName } }) =>
        serverName === undefined ? undefined : quoted(serverName),
    },
  ]
}

const bytesAndEnds: readonly Field<Exchange>[] = [
  { name: 'request_bytes', valueOf: ({ received }) => String(received) },
  { name: 'response_bytes', valueOf: ({ sent }) => String(sent) },
  { name: 'router', valueOf: ({ route }) => (route ? names.quoted(route.router) : 'null') },
  { name: 'service', valueOf: ({ route }) => (route ? names.quoted(route.service) : 'null') },
  {
    name: 'backend',
    valueOf: ({ attempts }) => {
      const last = attempts?.at(-1)
      return last === undefined ? 'null' : originOf(last)
    },
  },
  {
    name: 'attempts',
    valueOf: ({ attempts }) =>
      attempts === undefined || attempts.length < 2
        ? undefined
        : `[${attempts.map((attempt) => triedAs(attempt)).join(',')}]`,
  },
]

/** What is told only where there is something to tell. */
const rarely: readonly Field<RequestContext>[] = [
  {
    name: 'peer_ip',
    valueOf: ({ clientAddress, connection: { remoteAddress } }) =>
      clientAddress === remoteAddress ? undefined : quoted(remoteAddress),
  },
  {
    name: 'ttfb_ms',
    valueOf: (ctx) => {
      const firstByte = ctx.get(firstByteAt)
      return firstByte === undefined ? undefined : milliseconds(firstByte - ctx.startedAt)
    },
  },
  {
    name: 'upstream_ms',
    valueOf: ({ attempts }) => {
      const last = attempts?.at(-1)
      return last === undefined ? undefined : tookMs(last)
    },
  },
  {
    name: 'served_by',
    valueOf: ({ attempts, route }) => {
      const last = attempts?.at(-1)
      if (last === undefined || last.service.name === route?.service) return undefined
      return names.quoted(last.service.name)
    },
  },
]

const answers: readonly Field<RequestContext>[] = [
  {
    name: 'error',
    valueOf: ({ response }) =>
      response?.error === undefined ? undefined : quoted(response.error.code),
  },
  {
    name: 'responded_by',
    valueOf: ({ answeredBy }) =>
      answeredBy?.startsWith('middleware') === true ? quoted(answeredBy) : undefined,
  },
  {
    name: 'user',
    valueOf: (ctx) => {
      const consumer = ctx.get(consumerKey)
      return consumer === undefined ? undefined : quoted(consumer.name)
    },
  },
]

function headerFields({ request, response, redact }: HeaderOptions): Field<RequestContext>[] {
  const redacted = new Set(redact.map((name) => name.toLowerCase()))
  const fields: Field<RequestContext>[] = []
  if (request.length > 0) {
    fields.push({
      name: 'request_headers',
      valueOf: (ctx) => headersText(ctx.request.head.headers, request, redacted),
    })
  }
  if (response.length > 0) {
    fields.push({
      name: 'response_headers',
      valueOf: ({ response: answer }) => answer && headersText(answer.headers, response, redacted),
    })
  }
  return fields
}

function headersText(
  headers: HeaderList,
  wanted: readonly string[],
  redacted: ReadonlySet<string>,
): string {
  const told: Record<string, string> = {}
  for (const name of wanted) {
    const key = name.toLowerCase()
    const values = headers.getAll(key)
    if (values.length > 0) told[key] = redacted.has(key) ? '[redacted]' : values.join(', ')
  }
  return JSON.stringify(told)
}

function protocolOf({ request: { head } }: RequestContext): string {
  return head.upgrade === 'websocket' ? '"WS"' : protocols[head.version]
}

function upstreamPath({ request }: RequestContext, told: ToldPath): string | undefined {
  const { target, head } = request
  if (target === head.target) return undefined
  const path = told.of(target)
  return path === told.of(head.target) ? undefined : quoted(path)
}

function streamError({ refusal, attempts }: StreamContext): string | undefined {
  const error = refusal?.error ?? attempts?.at(-1)?.error
  const text = refusal === undefined ? error?.code : (refusal.code ?? error?.code ?? refusal.reason)
  return text === undefined ? undefined : quoted(text)
}

function quotedOrNull(text: string | undefined): string {
  return text === undefined ? 'null' : quoted(text)
}

function triedAs(attempt: Attempt): string {
  const { status = null, error } = attempt
  const code = quotedOrNull(error?.code)
  return `{"backend":${originOf(attempt)},"status":${status},"error":${code},"ms":${tookMs(attempt)}}`
}

/** Without what may be secret in a URL. */
function originOf({ endpoint }: Attempt): string {
  const known = origins.get(endpoint)
  if (known !== undefined) return known
  const { protocol, host } = endpoint.url
  const made = quoted(`${protocol}//${host}`)
  origins.set(endpoint, made)
  return made
}

function tookMs({ startedAt, endedAt }: Attempt): string {
  return endedAt === undefined ? 'null' : milliseconds(endedAt - startedAt)
}
