/** HTTP/2 without gRPC, for what its libraries would not do. */
import { once } from 'node:events'
import {
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { paths } from './echo-server.ts'

/** A server that does with each stream what a test says. */
export interface RawServer extends AsyncDisposable {
  readonly port: number
}

/** Starts one. */
export async function startRawServer(
  onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
): Promise<RawServer> {
  const sessions = new Set<ServerHttp2Session>()
  const server = createServer()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
  })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined)
    onStream(stream, headers)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a port, so it is not a pipe.
  const { port } = server.address() as AddressInfo
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const session of sessions) session.destroy()
    },
  }
}

/** What came of a request. */
export interface RawOutcome {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly trailers: IncomingHttpHeaders
  /** The error code with which the stream ended (RFC 9113 section 7). */
  readonly code: number | undefined
}

/** Makes one call on a connection of its own. */
export async function rawCall(
  port: number,
  fields: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<RawOutcome> {
  const session = connect(`http://127.0.0.1:${port}`)
  const stream = session.request({
    ':method': 'POST',
    ':path': paths.unary,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...fields,
  })
  let headers: IncomingHttpHeaders = {}
  let trailers: IncomingHttpHeaders = {}
  const pieces: Buffer[] = []
  stream.on('response', (received) => (headers = received))
  stream.on('trailers', (received) => (trailers = received))
  stream.on('data', (piece: Buffer) => pieces.push(piece))
  stream.on('error', () => undefined)
  stream.end(body)
  await once(stream, 'close')
  session.destroy()
  return { headers, body: Buffer.concat(pieces), trailers, code: stream.rstCode }
}
