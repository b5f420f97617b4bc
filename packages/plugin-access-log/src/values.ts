/**
 * What a line tells, each as JSON; `undefined` where there is nothing to tell.
 *
 * @module
 */
import { consumerKey } from '@gatewright/identity'
import {
  type Attempt,
  type Endpoint,
  type Exchange,
  firstByteAt,
  type RequestContext,
  type StreamContext,
} from '@gatewright/kernel'
import { KnownTexts, milliseconds, quoted, Timestamps } from './json-text.ts'
import type { ToldPath } from './query.ts'

const protocols = { '1.0': '"HTTP/1.0"', '1.1': '"HTTP/1.1"', '2': '"HTTP/2"' } as const
const names = new KnownTexts()
const timestamps = new Timestamps()
const origins = new WeakMap<Endpoint, string>()

export function timestamp({ startedAt }: Exchange): string {
  return timestamps.quoted(startedAt)
}

export function clientIp({ clientAddress }: Exchange): string {
  return quoted(clientAddress)
}

export function entrypoint({ connection }: Exchange): string {
  return names.quoted(connection.entrypoint)
}

export function duration({ startedAt }: Exchange, endedAt: number): string {
  return milliseconds(endedAt - startedAt)
}

export function serverName({ connection }: Exchange): string | undefined {
  return quotedIfAny(connection.serverName)
}

/** Of a request whose head could not be read, neither the method nor the path is known. */
export function method({ request: { head } }: RequestContext): string {
  return head.method === '' ? 'null' : names.quoted(head.method)
}

/** As the client sent it; middlewares may have changed it since. */
export function path({ request: { head } }: RequestContext, told: ToldPath): string {
  return head.target === '' ? 'null' : quoted(told.of(head.target))
}

export function host({ request: { head } }: RequestContext): string {
  return head.authority === '' ? 'null' : quoted(head.authority)
}

export function protocol({ request: { head } }: RequestContext): string {
  return head.upgrade === 'websocket' ? '"WS"' : protocols[head.version]
}

export function streamProtocol({ connection, snapshot }: StreamContext): string {
  const known = snapshot.config.entrypoints[connection.entrypoint]?.protocol ?? 'tcp'
  return quoted(known.toUpperCase())
}

export function router({ route }: Exchange): string {
  return route === undefined ? 'null' : names.quoted(route.router)
}

export function service({ route }: Exchange): string {
  return route === undefined ? 'null' : names.quoted(route.service)
}

export function backend({ attempts }: Exchange): string {
  const last = attempts?.at(-1)
  return last === undefined ? 'null' : origin(last)
}

/** Each try, if there was more than one. */
export function tries({ attempts }: Exchange): string | undefined {
  if (attempts === undefined || attempts.length < 2) return undefined
  return `[${attempts.map((attempt) => tried(attempt)).join(',')}]`
}

export function userAgent({ request }: RequestContext): string {
  return quotedIfAny(request.head.headers.get('user-agent')) ?? 'null'
}

export function peerIp({ clientAddress, connection }: RequestContext): string | undefined {
  const { remoteAddress } = connection
  return clientAddress === remoteAddress ? undefined : quoted(remoteAddress)
}

export function firstByte(ctx: RequestContext): string | undefined {
  const at = ctx.get(firstByteAt)
  return at === undefined ? undefined : milliseconds(at - ctx.startedAt)
}

export function upstreamTime({ attempts }: Exchange): string | undefined {
  const last = attempts?.at(-1)
  return last === undefined ? undefined : took(last)
}

/** The service that took it over. */
export function servedBy({ attempts, route }: Exchange): string | undefined {
  const last = attempts?.at(-1)
  if (last === undefined || last.service.name === route?.service) return undefined
  return names.quoted(last.service.name)
}

/** The path that the server got, if it is another one. */
export function upstreamPath({ request }: RequestContext, told: ToldPath): string | undefined {
  const { target, head } = request
  if (target === head.target) return undefined
  const sent = told.of(target)
  return sent === told.of(head.target) ? undefined : quoted(sent)
}

export function error({ response }: RequestContext): string | undefined {
  return quotedIfAny(response?.error?.code)
}

export function streamError({ refusal, attempts }: StreamContext): string | undefined {
  const failure = refusal?.error ?? attempts?.at(-1)?.error
  if (refusal === undefined) return quotedIfAny(failure?.code)
  return quoted(refusal.code ?? failure?.code ?? refusal.reason)
}

export function respondedBy({ answeredBy }: RequestContext): string | undefined {
  return answeredBy?.startsWith('middleware') === true ? quoted(answeredBy) : undefined
}

export function user(ctx: RequestContext): string | undefined {
  return quotedIfAny(ctx.get(consumerKey)?.name)
}

function quotedIfAny(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quoted(text)
}

function tried(attempt: Attempt): string {
  const { status = null, error: failure } = attempt
  const code = quotedIfAny(failure?.code) ?? 'null'
  return `{"backend":${origin(attempt)},"status":${status},"error":${code},"ms":${took(attempt)}}`
}

/** Without what may be secret in a URL. */
function origin({ endpoint }: Attempt): string {
  const known = origins.get(endpoint)
  if (known !== undefined) return known
  const made = quoted(`${endpoint.url.protocol}//${endpoint.url.host}`)
  origins.set(endpoint, made)
  return made
}

function took({ startedAt, endedAt }: Attempt): string {
  return endedAt === undefined ? 'null' : milliseconds(endedAt - startedAt)
}
