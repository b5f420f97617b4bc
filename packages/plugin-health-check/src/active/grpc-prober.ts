import { isSecure } from '@gatewright/tls'
import type { Connections } from './connections.ts'
import { askOverHttp2, type Http2Answer } from './http2-prober.ts'
import { hostOf, type Prober, portOf } from './prober.ts'

/** Names of `grpc.health.v1.HealthCheckResponse.ServingStatus`. */
const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']
/** The answer is two bytes in a frame of five. */
const maxMessageBytes = 1024

/** Asks servers with `grpc.health.v1.Health/Check`. */
export class GrpcProber implements Prober {
  readonly #question: Buffer
  readonly #port: number | undefined
  readonly #connections: Connections

  /**
   * @param service What is asked about; empty for the server as a whole.
   * @param port In place of the server's own.
   */
  constructor(service: string, port: number | undefined, connections: Connections) {
    this.#connections = connections
    this.#question = frameOf(checkRequest(service))
    this.#port = port
  }

  async probe(server: URL, signal: AbortSignal): Promise<void> {
    const host = hostOf(server)
    const port = this.#port ?? portOf(server)
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const headers = {
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      ':scheme': isSecure(server) ? 'https' : 'http',
      ':authority': authority,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'gatewright-healthcheck',
    }
    const asked = new URL(`${server.protocol}//${authority}`)
    const socket = await this.#connections.open(asked, ['h2'], signal)
    await askOverHttp2(socket, headers, this.#question, signal, checkAnswer)
  }

  async close(): Promise<void> {}
}

async function checkAnswer({ headers, body, trailers }: Http2Answer): Promise<void> {
  const status = Number(headers[':status'])
  if (status !== 200) throw new Error(`status ${status}`)
  let message = Buffer.alloc(0)
  for await (const chunk of body) {
    message = Buffer.concat([message, chunk])
    if (message.length > maxMessageBytes) throw new Error('the answer is too long')
  }
  // A response without a body has them in its head.
  const grpcStatus = trailers()['grpc-status'] ?? headers['grpc-status']
  if (grpcStatus !== '0') throw new Error(`gRPC status ${String(grpcStatus)}`)
  const serving = servingStatus(message.subarray(5))
  if (serving !== 1) throw new Error(statusNames[serving] ?? `serving status ${serving}`)
}

/** `HealthCheckRequest { string service = 1; }` */
function checkRequest(service: string): Buffer {
  if (service === '') return Buffer.alloc(0)
  const text = Buffer.from(service)
  return Buffer.concat([Buffer.from([0x0a, ...varint(text.length)]), text])
}

/** `HealthCheckResponse { ServingStatus status = 1; }`; a missing field is 0. */
function servingStatus(message: Buffer): number {
  return message.length >= 2 && message[0] === 0x08 ? (message[1] ?? 0) : 0
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

/** Not compressed, with its length in front. */
function frameOf(message: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}
