/** Schemes of HTTP over TLS; not all of them have a default port as far as `URL` knows. */
const secure: ReadonlySet<string> = new Set(['https:', 'wss:', 'grpcs:'])

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
    const { hostname, protocol, port, pathname } = url
    const defaultPort = secure.has(protocol) ? '443' : '80'
    this.text = `${protocol}//${url.host}`
    this.authority = port === defaultPort ? hostname : url.host
    this.host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
    this.port = Number(port === '' ? defaultPort : port)
    this.basePath = pathname.replace(/\/$/, '')
  }
}
