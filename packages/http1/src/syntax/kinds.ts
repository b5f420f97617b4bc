import { NameTable } from './names.ts'
import { at } from './tables.ts'

/**
 * Numbers of the fields that the gateway itself cares about; everything else is `other`. All are
 * below 32, so that a set of kinds is one integer.
 */
export const Kind = {
  other: 0,
  host: 1,
  connection: 2,
  contentLength: 3,
  transferEncoding: 4,
  upgrade: 5,
  expect: 6,
  te: 7,
  trailer: 8,
  keepAlive: 9,
  proxyConnection: 10,
  http2Settings: 11,
  proxyAuthenticate: 12,
  proxyAuthorization: 13,
  forwarded: 14,
  date: 15,
  server: 16,
  via: 17,
  contentType: 18,
  contentEncoding: 19,
  authorization: 20,
  cookie: 21,
  setCookie: 22,
  location: 23,
  xForwardedFor: 24,
  xForwardedHost: 25,
  xForwardedProto: 26,
  xForwardedPort: 27,
  xForwardedServer: 28,
  /** Any other `X-Forwarded-…`: Prefix, Method, Uri, User, Client-Cert, … */
  xForwardedOther: 29,
  xRealIp: 30,
  /** `Content_Length` and `Transfer_Encoding`: nothing here, but they frame for CGI-like servers. */
  framingAlias: 31,
} as const

/** A set of kinds; bit n stands for kind n. */
export type KindSet = number

/** The names of kinds 1 to 23, in their order. */
const table = new NameTable(
  [
    'host',
    'connection',
    'content-length',
    'transfer-encoding',
    'upgrade',
    'expect',
    'te',
    'trailer',
    'keep-alive',
    'proxy-connection',
    'http2-settings',
    'proxy-authenticate',
    'proxy-authorization',
    'forwarded',
    'date',
    'server',
    'via',
    'content-type',
    'content-encoding',
    'authorization',
    'cookie',
    'set-cookie',
    'location',
  ],
  true,
)

/** Kind of the field name in `buf[start, end)`, in any case. */
export function kindOf(buf: Buffer, start: number, end: number): number {
  if (start < end && (at(buf, start) | 0x20) === letterX) return extensionKindOf(buf, start, end)
  const kind = table.find(buf, start, end)
  if (kind !== Kind.other) return kind
  return isFramingAlias(buf, start, end) ? Kind.framingAlias : Kind.other
}

/** The set of some kinds. */
export function kindSet(...kinds: readonly number[]): KindSet {
  let set = 0
  for (const kind of kinds) set |= 1 << kind
  return set
}

/** Who the client is and what it asked for, as told by proxies (RFC 7239 and its forerunners). */
export const forwardedKinds: KindSet = kindSet(
  Kind.forwarded,
  Kind.xForwardedFor,
  Kind.xForwardedHost,
  Kind.xForwardedProto,
  Kind.xForwardedPort,
  Kind.xForwardedServer,
  Kind.xForwardedOther,
  Kind.xRealIp,
)

/**
 * Fields of one connection only, never passed on as they are (RFC 9110 section 7.6.1), and what some
 * servers would take for one.
 */
export const hopByHopKinds: KindSet = kindSet(
  Kind.connection,
  Kind.keepAlive,
  Kind.proxyConnection,
  Kind.proxyAuthenticate,
  Kind.proxyAuthorization,
  Kind.te,
  Kind.trailer,
  Kind.transferEncoding,
  Kind.upgrade,
  Kind.http2Settings,
  Kind.framingAlias,
)

/**
 * Fields that a `Connection` line cannot make us remove: without them the upstream would see
 * another message, or another client, than the gateway did.
 */
export const protectedKinds: KindSet =
  forwardedKinds | kindSet(Kind.host, Kind.contentLength, Kind.transferEncoding, Kind.authorization)

const letterX = 0x78
const forwardedPrefix = 'x-forwarded-'
/** In the order of their kinds, from `xForwardedFor` on. */
const forwardedSuffixes = new NameTable(['for', 'host', 'proto', 'port', 'server'], true)

/**
 * Names that begin with `x`. An underscore counts as a hyphen here: servers with a CGI-like
 * interface cannot tell `X_Forwarded_For` from the real one, so it must not slip through.
 */
function extensionKindOf(buf: Buffer, start: number, end: number): number {
  if (isFolded(buf, start, end, 'x-real-ip')) return Kind.xRealIp
  const prefixEnd = start + forwardedPrefix.length
  if (prefixEnd > end || !isFolded(buf, start, prefixEnd, forwardedPrefix)) return Kind.other
  const suffix = forwardedSuffixes.find(buf, prefixEnd, end)
  return suffix === 0 ? Kind.xForwardedOther : Kind.xForwardedFor + suffix - 1
}

/** Both words with an underscore; with a hyphen they are in the table. */
function isFramingAlias(buf: Buffer, start: number, end: number): boolean {
  const length = end - start
  if (length === 14) return isFolded(buf, start, end, 'content-length')
  return length === 17 && isFolded(buf, start, end, 'transfer-encoding')
}

function isFolded(buf: Buffer, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false
  for (let i = 0; i < word.length; i++) {
    const byte = at(buf, start + i)
    const folded = byte === underscore ? hyphen : byte | 0x20
    if (folded !== word.charCodeAt(i)) return false
  }
  return true
}

const underscore = 0x5f
const hyphen = 0x2d
