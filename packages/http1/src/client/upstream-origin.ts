/** The parts of a server's URL that every request needs, taken apart once. */
export class UpstreamOrigin {
  /** For messages: `http://127.0.0.1:8001`. */
  readonly text: string
  /** For the field Host: with the port if it is not 80. */
  readonly authority: string
  /** For `connect`: a name or an address, without brackets. */
  readonly host: string
  readonly port: number
  /** What stands before every target; without a slash at its end, so mostly empty. */
  readonly basePath: string

  constructor(url: URL) {
    const { hostname, port, pathname } = url
    this.text = url.origin
    this.authority = url.host
    this.host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
    this.port = port === '' ? 80 : Number(port)
    this.basePath = pathname.replace(/\/$/, '')
  }
}
