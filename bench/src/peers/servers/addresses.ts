import { loopback } from '../../process/port.ts'

/** Where a Node program among the candidates listens and where it sends to: its two arguments. */
export function readAddresses(): {
  readonly port: number
  readonly host: string
  readonly upstream: string
} {
  const [port, upstreamPort] = process.argv.slice(2)
  return { port: Number(port), host: loopback, upstream: `http://${loopback}:${upstreamPort}` }
}
