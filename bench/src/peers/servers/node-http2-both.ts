/**
 * HTTP/2 in cleartext by `node:http2` on both sides, trailers included.
 *
 * @module
 */
import {
  connect,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { pipeline } from 'node:stream'
import { readAddresses } from './addresses.ts'

const { port, host, upstream } = readAddresses()
const session = connect(upstream)

createServer().on('stream', forward).listen(port, host, 1024)

function forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  let trailers: OutgoingHttpHeaders = {}
  const address = stream.session?.socket.remoteAddress
  const outgoing = session.request({ ...headers, 'x-forwarded-for': address })
  outgoing.on('response', (answered) => {
    if (stream.destroyed) return outgoing.close()
    stream.respond(answered, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers(trailers))
    pipeline(outgoing, stream, () => {})
  })
  outgoing.on('trailers', (fields) => (trailers = fields))
  pipeline(stream, outgoing, () => {})
}
