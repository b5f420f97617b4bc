import { loopback } from '../../process/port.ts'

/** What a Node program among the candidates is told by its arguments. */
export interface Addresses {
  /** Where it listens. */
  readonly port: number
  readonly host: string
  /** Where it sends to. */
  readonly upstream: string
  /** Files for TLS; empty if there is none. */
  readonly certificate: string
  readonly key: string
}

/** Reads the arguments of this process. */
export function readAddresses(): Addresses {
  const [port, upstreamPort, certificate = '', key = ''] = process.argv.slice(2)
  const upstream = `http://${loopback}:${upstreamPort}`
  return { port: Number(port), host: loopback, upstream, certificate, key }
}
