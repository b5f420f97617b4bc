import { isIPv6 } from 'node:net'
import { Fault, type Http1Limits, requestError } from '@gatewright/http1'
import { HeaderList, type HttpVersion, type RequestHead } from '@gatewright/kernel'
import { errors } from '../errors.ts'

/** A request head that came by HTTP/2, in the terms of HTTP/1.1. */
export class Http2RequestHead implements RequestHead {
  readonly version: HttpVersion = '2'
  readonly method: string
  readonly target: string
  readonly authority: string
  readonly headers: HeaderList
  readonly upgrade: string | undefined
  /** What `content-length` says, or -1. */
  readonly contentLength: number
  /** The client waits for 100 Continue. */
  readonly expectsContinue: boolean

  constructor(parts: HeadParts) {
    // RFC 8441 section 5: what asks for a switch is a GET in HTTP/1.1.
    this.method = parts.protocol === undefined ? parts.method : 'GET'
    this.target = parts.path
    this.authority = parts.authority
    this.headers = new HeaderList(parts.fields)
    this.upgrade = parts.protocol?.toLowerCase()
    this.contentLength = parts.contentLength
    this.expectsContinue = parts.expectsContinue
  }
}

/** What is found in a head, field by field. */
interface HeadParts {
  method: string
  path: string
  scheme: string
  authority: string
  host: string | undefined
  protocol: string | undefined
  contentLength: number
  expectsContinue: boolean
  cookies: string | undefined
  readonly fields: string[]
}

/** RFC 9113 section 6.5.2. */
const fieldOverhead = 32
const methodForm = /^[!#$%&'*+\-.^_`|~\w]+$/
/** As in HTTP/1.1: visible ASCII, and no fragment. */
const targetForm = /^[\x21\x22\x24-\x7e]+$/
const lengthForm = /^\d{1,15}$/
const hostForm = /^(?:[\w.~-]+|\[(?<literal>[\da-f:.]+)\])(?::(?<port>\d{1,5}))?$/i

/**
 * Reads and checks the head of a request (RFC 9113 section 8.3.1), by the rules that hold for
 * HTTP/1.1 as well. Throws the error to answer with.
 * @param raw Name, value, …, whose bytes the codec has checked.
 * @param maxBytes Names, values and 32 for each field together.
 */
export function readRequestHead(
  raw: readonly string[],
  limits: Http1Limits,
  maxBytes: number,
): Http2RequestHead {
  const parts = partsOf(raw, limits, maxBytes)
  checkPseudo(parts, limits)
  takeHost(parts)
  if (parts.cookies !== undefined) parts.fields.push('cookie', parts.cookies)
  return new Http2RequestHead(parts)
}

function partsOf(raw: readonly string[], limits: Http1Limits, maxBytes: number): HeadParts {
  const parts: HeadParts = {
    method: '',
    path: '',
    scheme: '',
    authority: '',
    host: undefined,
    protocol: undefined,
    contentLength: -1,
    expectsContinue: false,
    cookies: undefined,
    fields: [],
  }
  let bytes = 0
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const value = raw[i + 1] ?? ''
    bytes += name.length + value.length + fieldOverhead
    if (bytes > maxBytes) throw requestError(Fault.headTooLarge)
    if (name.startsWith(':')) takePseudo(parts, name, value)
    else takeField(parts, name, value)
  }
  if (parts.fields.length > 2 * limits.headerCount) throw requestError(Fault.tooManyFields)
  return parts
}

function takePseudo(parts: HeadParts, name: string, value: string): void {
  if (name === ':method') parts.method = value
  else if (name === ':path') parts.path = value
  else if (name === ':scheme') parts.scheme = value
  else if (name === ':authority') parts.authority = value
  else if (name === ':protocol') parts.protocol = value
  else throw malformed(`"${name}" is no field of a request`)
}

function takeField(parts: HeadParts, name: string, value: string): void {
  const take = special.get(name)
  if (take === undefined) parts.fields.push(name, value)
  else take(parts, value, name)
}

type Take = (parts: HeadParts, value: string, name: string) => void

/** The fields that frame or route a message, and those that HTTP/2 knows not (RFC 9113 section 8.2.2). */
const special: ReadonlyMap<string, Take> = new Map<string, Take>([
  ['host', takeHostField],
  ['content-length', takeContentLength],
  ['cookie', takeCookie],
  ['expect', takeExpect],
  ['te', takeTe],
  ['connection', refuseField],
  ['keep-alive', refuseField],
  ['proxy-connection', refuseField],
  ['transfer-encoding', refuseField],
  ['upgrade', refuseField],
  ['http2-settings', refuseField],
])

function takeHostField(parts: HeadParts, value: string): void {
  if (parts.host !== undefined) throw requestError(Fault.duplicateHost)
  parts.host = value
}

function takeContentLength(parts: HeadParts, value: string): void {
  if (parts.contentLength >= 0) throw requestError(Fault.duplicateContentLength)
  if (!lengthForm.test(value)) throw requestError(Fault.badContentLength)
  parts.contentLength = Number(value)
  parts.fields.push('content-length', String(parts.contentLength))
}

/** RFC 9113 section 8.2.3: servers of HTTP/1.1 know one field only. */
function takeCookie(parts: HeadParts, value: string): void {
  parts.cookies = parts.cookies === undefined ? value : `${parts.cookies}; ${value}`
}

/** RFC 9110 section 10.1.1: the gateway answers it itself. */
function takeExpect(parts: HeadParts, value: string): void {
  if (value.toLowerCase() !== '100-continue') throw requestError(Fault.unmetExpectation)
  parts.expectsContinue = true
}

function takeTe(parts: HeadParts, value: string): void {
  if (value.toLowerCase() !== 'trailers') throw malformed('"te" says something else than trailers')
  parts.fields.push('te', 'trailers')
}

function refuseField(_parts: HeadParts, _value: string, name: string): void {
  throw malformed(`"${name}" is a field of HTTP/1.1 connections`)
}

function checkPseudo(parts: HeadParts, limits: Http1Limits): void {
  const { method, path, scheme, protocol } = parts
  if (method.length > limits.methodBytes) throw requestError(Fault.methodTooLong)
  if (!methodForm.test(method)) throw requestError(Fault.badMethod)
  // It has no target (RFC 9113 section 8.5), and is answered with 405.
  if (method === 'CONNECT' && protocol === undefined) return
  if (protocol !== undefined && method !== 'CONNECT') throw malformed('":protocol" without CONNECT')
  if (scheme !== 'http' && scheme !== 'https') throw malformed('":scheme" is not http or https')
  checkTarget(path, method, limits)
}

function checkTarget(path: string, method: string, limits: Http1Limits): void {
  if (path.length > limits.targetBytes) throw requestError(Fault.targetTooLong)
  if (!targetForm.test(path)) throw requestError(Fault.badTarget)
  if (path.startsWith('/') || (path === '*' && method === 'OPTIONS')) return
  throw requestError(Fault.badTargetForm)
}

/** RFC 9113 section 8.3.1: both name the same host if both are there. */
function takeHost(parts: HeadParts): void {
  const { authority, host } = parts
  if (authority === '' && host === undefined) throw requestError(Fault.missingHost)
  if (authority !== '' && !isHost(authority)) throw requestError(Fault.badTargetAuthority)
  if (host !== undefined && !isHost(host)) throw requestError(Fault.badHost)
  const effective = (authority === '' ? host : authority)?.toLowerCase() ?? ''
  if (host !== undefined && host.toLowerCase() !== effective) {
    throw malformed('"host" names another host than ":authority"')
  }
  parts.authority = effective
  parts.fields.push('host', effective)
}

/** What `isAuthority` says of bytes. */
function isHost(text: string): boolean {
  const found = hostForm.exec(text)
  if (found === null) return false
  const { literal, port } = found.groups ?? {}
  if (literal !== undefined && !isIPv6(literal)) return false
  return port === undefined || Number(port) <= 0xffff
}

function malformed(problem: string): Error {
  return errors.GW_HTTP2_MALFORMED({ problem })
}
