/** Schemes of HTTP over TLS. */
const secure: ReadonlySet<string> = new Set(['https:', 'wss:', 'grpcs:'])

const defaultPorts = { 'http:': '80', 'https:': '443' } as const

/** The parts of a server's URL that every request needs, taken apart once. */
export class UpstreamOrigin {
  /** For messages: `http://127.0.0.1:8001`. */
  readonly text: string
  /** For the field Host: with the port if it is not that of the scheme. */
  readonly authority: string
  /** For `connect`: a name or an address, without brackets. */
  readonly host: string
  readonly port: number
  /** What stands before every target; without a slash at its end, so mostly empty. */
  readonly basePath: string

  constructor(url: URL) {
    const { protocol, href } = url
    const usual = secure.has(protocol) ? 'https:' : 'http:'
    // Of other schemes `URL` knows neither the default port nor what hosts look like.
    const known = new URL(usual + href.slice(protocol.length))
    const { hostname, port } = known
    this.text = `${protocol}//${known.host}`
    this.authority = known.host
    this.host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
    this.port = Number(port === '' ? defaultPorts[usual] : port)
    this.basePath = known.pathname.replace(/\/$/, '')
  }
}
