/**
 * What somebody asks about who would take a request, read into what a client would send.
 *
 * @module
 */
import { isIP } from 'node:net'
import { HeaderList, nearest } from '@gatewright/kernel'
import { errors } from './question-errors.ts'

/** A request, connection or datagram that nobody sent. */
export interface RouteQuestion {
  /**
   * `https://example.com/users?page=2`; a path such as `/users`, whose host is in `headers`; or
   * `tcp://`, `tls://` and `udp://` with a host and a port for what is no HTTP.
   */
  readonly url: string
  /** Default GET. */
  readonly method?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** Default: the one that the URL leads to. */
  readonly entrypoint?: string
  /** Of the client, behind proxies that the entrypoint trusts. Default 127.0.0.1. */
  readonly remote_address?: string
}

/** How a URL gets to an entrypoint. */
export type Way = 'http' | 'tcp' | 'udp'

/** A question that was understood. */
export interface Asked {
  readonly url: string
  readonly way: Way
  /** Whether the client speaks TLS; `undefined` for a path, which does not say. */
  readonly encrypted: boolean | undefined
  /** `undefined` if it was not said. */
  readonly port: number | undefined
  /** Without its port. */
  readonly host: string
  readonly method: string
  /** Path and query, as they would be on the wire. */
  readonly target: string
  /** As the client would say it. */
  readonly authority: string
  readonly headers: HeaderList
  readonly upgrade: string | undefined
  readonly remoteAddress: string
}

interface Scheme {
  readonly way: Way
  readonly encrypted: boolean
  /** What a client asks for in `Upgrade`. */
  readonly upgrade?: string
}

const schemes: Readonly<Record<string, Scheme>> = {
  http: { way: 'http', encrypted: false },
  https: { way: 'http', encrypted: true },
  ws: { way: 'http', encrypted: false, upgrade: 'websocket' },
  wss: { way: 'http', encrypted: true, upgrade: 'websocket' },
  tcp: { way: 'tcp', encrypted: false },
  tls: { way: 'tcp', encrypted: true },
  udp: { way: 'udp', encrypted: false },
}

const absolute = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^#]*)/i
const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i
const unprintable = /[^\t\x20-\x7e\x80-\xff]/
const notOfTargets = /[^\x21-\x7e]/gu

/** Understands a question. Throws GW_QUESTION_INVALID, which says what is wrong with it. */
export function readQuestion(question: RouteQuestion): Asked {
  const { method = 'GET', remote_address: remoteAddress = '127.0.0.1' } = question
  if (!token.test(method)) throw invalid('the method', 'a word such as GET', method)
  if (isIP(remoteAddress) === 0) {
    throw invalid("the client's address", 'an IP address', remoteAddress)
  }
  const headers = fieldsOf(question.headers ?? [])
  const located = question.url.startsWith('/') ? pathOf(question.url) : locate(question.url)
  const authority = (headers.get('host') ?? located.authority).toLowerCase()
  const { upgrade } = located
  if (!headers.has('host') && authority !== '') headers.append('host', authority)
  if (upgrade !== undefined) {
    headers.set('connection', 'upgrade')
    headers.set('upgrade', upgrade)
  }
  return { ...located, url: question.url, method, authority, headers, remoteAddress }
}

/** The name if it is known. Throws GW_QUESTION_UNKNOWN with the one that was probably meant. */
export function checkName(kind: string, name: string, known: readonly string[]): string {
  if (known.includes(name)) return name
  throw errors.GW_QUESTION_UNKNOWN({
    kind,
    name,
    nearest: nearest(name, known),
    known: known.toSorted(),
  })
}

type Located = Omit<Asked, 'url' | 'method' | 'headers' | 'remoteAddress'>

function pathOf(path: string): Located {
  const nowhere = { encrypted: undefined, port: undefined, host: '', authority: '' }
  return { ...nowhere, way: 'http', target: targetOf(path), upgrade: undefined }
}

function locate(url: string): Located {
  const parts = absolute.exec(url)
  const expected = 'a URL such as http://example.com/path, or a path that begins with /'
  if (parts === null) throw invalid('the URL', expected, url)
  const [, schemeName = '', written = '', rest = ''] = parts
  const scheme = schemes[schemeName.toLowerCase()]
  if (scheme === undefined) {
    throw invalid('the scheme of the URL', Object.keys(schemes).join(', '), schemeName)
  }
  const { way, encrypted, upgrade } = scheme
  const { host, hostname, port } = hostOf(written, encrypted)
  const isPlain = way === 'http' && port === ''
  return {
    way,
    encrypted,
    upgrade,
    host: hostname,
    authority: host,
    port: isPlain ? (encrypted ? 443 : 80) : Number(port) || undefined,
    target: targetOf(rest.startsWith('/') ? rest : `/${rest}`),
  }
}

/** The host as clients write it: lower-case, international names in ASCII, no port of the scheme. */
function hostOf(written: string, encrypted: boolean): URL {
  const expected = 'a host, with a port or without, and nothing else'
  if (written === '' || written.includes('@')) {
    throw invalid('the host of the URL', expected, written.replace(/^.*@/, '…@'))
  }
  try {
    return new URL(`${encrypted ? 'https' : 'http'}://${written}/`)
  } catch {
    // A URL says only that it is none.
    throw invalid('the host of the URL', expected, written)
  }
}

/** What clients send for a path that people write. Dots and escapes stay as they are. */
function targetOf(written: string): string {
  const [path = ''] = written.split('#')
  return path.replace(notOfTargets, (character) => encodeURIComponent(character))
}

function fieldsOf(fields: readonly (readonly [string, string])[]): HeaderList {
  const list = new HeaderList()
  for (const [name, value] of fields) {
    if (!token.test(name)) throw invalid('a header', 'name: value', `${name}: ${value}`)
    const bytes = Buffer.from(value.trim(), 'utf8').toString('latin1')
    if (unprintable.test(bytes)) throw invalid(`the header "${name}"`, 'one line of text', value)
    list.append(name.toLowerCase(), bytes)
  }
  return list
}

function invalid(what: string, expected: string, found: string): Error {
  return errors.GW_QUESTION_INVALID({ what, expected, found: JSON.stringify(found) })
}
