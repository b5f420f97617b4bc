import { errors as http1Errors } from '@gatewright/http1'
import {
  type Attempt,
  errors,
  type GatewayRequest,
  type HeaderList,
  type RequestContext,
} from '@gatewright/kernel'
import { handshakeField } from './extended-connect.ts'
import type { Http2Settings } from './http2-settings.ts'

/**
 * Fields that go no further: those of one connection (RFC 9110 section 7.6.1), what says the same in
 * pseudo fields, and what CGI-like servers would take for one of them.
 */
const left: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content_length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'transfer_encoding',
  'upgrade',
])

/** What a Connection field cannot make us remove. */
const unremovable = /^(?:authorization|forwarded|x-real-ip|x-forwarded-.*|te)$/

/** Fields that may not stand in trailers (RFC 9110 section 6.5.1), beside those that go no further. */
const notInTrailers: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-type',
  'cookie',
  'date',
  'forwarded',
  'location',
  'set-cookie',
  'x-real-ip',
])

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const targetText = /^(?:\/|\*$)[\x21-\x7e\x80-\xff]*$/
const authorityText = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i
const valueText = /^[\t\x20-\x7e\x80-\xff]*$/
const acceptsTrailers = /(?:^|,)\s*trailers\s*(?:,|$)/i
/** What the engine can be given; far above what entrypoints let in. */
const maxBytes = 256 * 1024
/** Methods that say by a length of 0 that they come without a body (RFC 9110 section 8.6). */
const methodsWithBody = new Set(['POST', 'PUT', 'PATCH'])

/**
 * The fields of an attempt, pseudo fields first. Throws GW_HTTP1_UNSENDABLE for a method, target or
 * host that is none, and GW_INVALID_HEADER.
 */
export function requestFields(
  { request }: RequestContext,
  attempt: Attempt,
  settings: Http2Settings,
): string[] {
  const fields = pseudoFields(request, settings)
  const headers = attempt.touchedHeaders ?? request.headers
  addFields(fields, headers, request.upgrade === undefined ? undefined : handshakeField)
  if (headers.getAll('te').some((value) => acceptsTrailers.test(value))) {
    fields.push('te', 'trailers')
  }
  const length = request.hasBody ? request.bodyLength : emptyLength(request.method)
  if (length !== undefined) fields.push('content-length', String(length))
  return fields
}

/** Those of the trailers that may be sent; `undefined` if there are none. Throws GW_INVALID_HEADER. */
export function trailerFields(trailers: HeaderList | undefined): string[] | undefined {
  if (trailers === undefined || trailers.size === 0) return undefined
  const fields: string[] = []
  for (const [name, value] of trailers) {
    if (left.has(name) || notInTrailers.has(name) || name.startsWith('x-forwarded-')) continue
    checkField(name, value)
    fields.push(name, value)
  }
  return fields.length === 0 ? undefined : fields
}

function pseudoFields(
  { method, target, authority: asked, upgrade }: GatewayRequest,
  { origin, dialer, passHostHeader }: Http2Settings,
): string[] {
  // A client of HTTP/1.0 need not say which host it means.
  const authority = !passHostHeader || asked === '' ? origin.authority : asked
  const path = origin.basePath === '' || target === '*' ? target : origin.basePath + target
  if (!token.test(method) || method === 'CONNECT') unsendable('method', method)
  if (!targetText.test(path)) unsendable('target', path)
  if (!authorityText.test(authority)) unsendable('host', authority)
  const scheme = dialer.secure === undefined ? 'http' : 'https'
  const methods =
    upgrade === undefined ? [':method', method] : [':method', 'CONNECT', ':protocol', upgrade]
  return [...methods, ':scheme', scheme, ':authority', authority, ':path', path]
}

function addFields(fields: string[], headers: HeaderList, dropped: string | undefined): void {
  const nominated = nominatedBy(headers)
  const received = headers.raw()
  let bytes = 0
  for (let i = 0; i < received.length; i += 2) {
    const name = received[i] ?? ''
    if (left.has(name) || name === dropped || nominated?.includes(name) === true) continue
    const value = received[i + 1] ?? ''
    checkField(name, value)
    bytes += name.length + value.length
    fields.push(name, value)
  }
  if (bytes > maxBytes) throw errors.GW_INTERNAL({ problem: `a head of ${bytes} bytes` })
}

function nominatedBy(headers: HeaderList): readonly string[] | undefined {
  if (!headers.has('connection')) return undefined
  const names = headers.getAll('connection').join().split(',')
  return names.map((name) => name.trim().toLowerCase()).filter((name) => !unremovable.test(name))
}

/** A plugin may have made the list from anything. */
function checkField(name: string, value: string): void {
  if (!token.test(name)) throw errors.GW_INVALID_HEADER({ name, problem: 'name' })
  if (!valueText.test(value)) throw errors.GW_INVALID_HEADER({ name, problem: 'value' })
}

function emptyLength(method: string): number | undefined {
  return methodsWithBody.has(method) ? 0 : undefined
}

function unsendable(part: 'method' | 'target' | 'host', value: string): never {
  throw http1Errors.GW_HTTP1_UNSENDABLE({ part, value })
}
