import { errors } from '../errors.ts'
import { fieldValues, parseFieldLines } from './fields.ts'
import type { SocketReader } from './socket-reader.ts'

/** What stands before a body, request or response. */
export interface MessageHead {
  /** Exactly as received, with the empty line. */
  readonly rawHead: string
  readonly startLine: string
  /** Name, value, …, in order and with their case. */
  readonly rawHeaders: readonly string[]
}

/** The parts of a request line (RFC 9112 section 3). */
export interface RequestLine {
  readonly method: string
  readonly target: string
  readonly version: HttpVersion
}

/** The parts of a status line (RFC 9112 section 4). */
export interface StatusLine {
  readonly version: HttpVersion
  readonly status: number
  readonly reason: string
}

/** The versions that share this message format. */
export type HttpVersion = '1.0' | '1.1'

/** How the end of a body is found (RFC 9112 section 6.3). */
export type Framing =
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' }

const nothing: Framing = { kind: 'length', length: 0 }

/** The next head; `undefined` if the connection ends in order before its first byte. */
export async function readHead(reader: SocketReader): Promise<MessageHead | undefined> {
  if (await reader.atEnd()) return undefined
  const rawHead = (await reader.readUntil('\r\n\r\n')).toString('latin1')
  const text = rawHead.slice(0, -4)
  const [startLine = '', ...lines] = text.split('\r\n')
  // A lone CR or LF ends a line for some readers and not for others.
  if (/[\r\n]/.test(text.replaceAll('\r\n', ''))) {
    throw errors.GW_TESTING_WIRE({ problem: `bare CR or LF in ${JSON.stringify(rawHead)}` })
  }
  return { rawHead, startLine, rawHeaders: parseFieldLines(lines) }
}

/** Throws GW_TESTING_WIRE. */
export function parseRequestLine(line: string): RequestLine {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP\/(1\.[01])$/.exec(line)
  const [, method, target, version] = match ?? []
  if (method === undefined || target === undefined || !isVersion(version)) {
    throw errors.GW_TESTING_WIRE({ problem: `request line ${JSON.stringify(line)}` })
  }
  return { method, target, version }
}

/** Throws GW_TESTING_WIRE. */
export function parseStatusLine(line: string): StatusLine {
  const match = /^HTTP\/(1\.[01]) ([1-9]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/.exec(line)
  const [, version, status, reason] = match ?? []
  if (status === undefined || reason === undefined || !isVersion(version)) {
    throw errors.GW_TESTING_WIRE({ problem: `status line ${JSON.stringify(line)}` })
  }
  return { version, status: Number(status), reason }
}

/** How the body of a request is framed. Throws GW_TESTING_WIRE. */
export function requestFraming(head: MessageHead, line: RequestLine): Framing {
  const hosts = fieldValues(head.rawHeaders, 'host')
  // RFC 9112 section 3.2: one Host field, no more and no less.
  if (hosts.length > 1 || (hosts.length === 0 && line.version === '1.1')) {
    throw errors.GW_TESTING_WIRE({ problem: `${hosts.length} Host fields` })
  }
  return declaredFraming(head, line.version) ?? nothing
}

/** How the body of a response is framed. Throws GW_TESTING_WIRE. */
export function responseFraming(head: MessageHead, line: StatusLine, method: string): Framing {
  const declared = declaredFraming(head, line.version)
  const { status } = line
  const bodiless = status < 200 || status === 204
  // RFC 9110 section 8.6 and RFC 9112 section 6.1 forbid both fields here.
  if (bodiless && declared !== undefined) {
    throw errors.GW_TESTING_WIRE({ problem: `a ${status} response with a framing field` })
  }
  if (bodiless || status === 304 || method === 'HEAD') return nothing
  if (method === 'CONNECT' && status < 300) return nothing
  return declared ?? { kind: 'until-close' }
}

function declaredFraming(head: MessageHead, version: HttpVersion): Framing | undefined {
  const codings = fieldValues(head.rawHeaders, 'transfer-encoding')
  const lengths = fieldValues(head.rawHeaders, 'content-length')
  if (codings.length > 0) {
    // Everything else is either undecodable or a way to smuggle (RFC 9112 section 6.3).
    if (codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked' || version === '1.0') {
      throw errors.GW_TESTING_WIRE({ problem: `transfer coding ${JSON.stringify(codings)}` })
    }
    if (lengths.length > 0) {
      throw errors.GW_TESTING_WIRE({ problem: 'Transfer-Encoding beside Content-Length' })
    }
    return { kind: 'chunked' }
  }
  const [length] = lengths
  if (length === undefined) return undefined
  if (lengths.length > 1 || !/^\d{1,15}$/.test(length)) {
    throw errors.GW_TESTING_WIRE({ problem: `content length ${JSON.stringify(lengths)}` })
  }
  return { kind: 'length', length: Number(length) }
}

function isVersion(text: string | undefined): text is HttpVersion {
  return text === '1.0' || text === '1.1'
}
