import { loopback } from '../process/port.ts'

/** What clients send, how many of them, and what they must get back. */
export interface Load {
  /**
   * `events` is a response of server-sent events that goes on for ever; with `websocket`, a message
   * and its echo are a request; `grpc` is a unary call over HTTP/2.
   */
  readonly protocol: 'http/1.1' | 'http/2' | 'grpc' | 'events' | 'websocket'
  /** Over TLS, with whatever certificate the proxy has. */
  readonly encrypted: boolean
  readonly connections: number
  readonly method: 'GET' | 'POST'
  readonly host: string
  /** Header lines besides `Host` and those that frame the body. */
  readonly headers: readonly string[]
  readonly uploadBytes: number
  /** What stands in front of each path, for those who remove it. Default nothing. */
  readonly pathPrefix?: string
  /** Size of the body of each response; its bytes are those of the payload of this size. */
  readonly downloadBytes: number
  /** Every request on a connection of its own. */
  readonly newConnections: boolean
  /** Of the load generator, if it can have several. */
  readonly threads: number
}

/** A load on its way to one proxy. */
export interface LoadJob extends Load {
  readonly port: number
  readonly seconds: number
}

/** What became of a load. */
export interface LoadReport {
  /** Complete responses, right ones and wrong ones. */
  readonly requests: number
  readonly seconds: number
  readonly p50Micros: number
  readonly p99Micros: number
  /** What went wrong, in words; empty if every response was the expected one. */
  readonly problems: readonly string[]
}

/** What puts a load on a proxy. */
export interface LoadGenerator {
  readonly name: string
  readonly version: string
  run(job: LoadJob): Promise<LoadReport>
}

/** The upstream gives the same answers with it and without it. */
export const removablePrefix: string = '/api'

/** Above this, bodies are compared as they come in; wrk's scripts get them in one piece only. */
export const bulkBytes: number = 256 * 1024

/** Where the upstream sends events. */
export const eventTarget = '/events'

/** The head of every request of a load. */
export function requestHead(load: Load): string {
  const { method, host, headers, uploadBytes, newConnections } = load
  const lines = [`${method} ${targetOf(load)} HTTP/1.1`, `Host: ${host}`, ...headers]
  if (method === 'POST') lines.push(`Content-Length: ${uploadBytes}`)
  if (newConnections) lines.push('Connection: close')
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** The upstream reads from the target how much it is to send, and how much it must get. */
export function targetOf({ downloadBytes, uploadBytes, pathPrefix = '' }: Load): string {
  const upload = uploadBytes === 0 ? '' : `/${uploadBytes}`
  return `${pathPrefix}/payload/${downloadBytes}${upload}`
}

/** Where a proxy that listens on the port can be reached. */
export function urlOf(port: number, load: Load): string {
  return `${load.encrypted ? 'https' : 'http'}://${loopback}:${port}${targetOf(load)}`
}

/** A connection on which no byte moves for so long is taken for stuck. */
export const stallMs = 10_000

/** How long the last responses may take on a slow machine, as long as bytes move. */
const overtimeMs = 120_000

/** How long a load may take before its generator is taken for stuck. */
export function boundMs({ seconds }: LoadJob): number {
  return seconds * 1000 + overtimeMs
}
