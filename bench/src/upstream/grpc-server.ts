/**
 * An upstream server for unary calls over HTTP/2 in cleartext: answers `/payload/N/M` with a message
 * of N bytes and the trailers of a call that went well when it has got the expected message of M
 * bytes, else 422. Started by the harness with the port as its only argument.
 *
 * @module
 */
import { createServer, type ServerHttp2Stream } from 'node:http2'
import { buffer } from 'node:stream/consumers'
import { createMessage } from '../payload.ts'
import { loopback } from '../process/port.ts'

const target = /^\/payload\/(\d+)\/(\d+)$/
const messages = new Map<number, Buffer>()

createServer()
  .on('stream', (stream, headers) => {
    // Proxies end their streams as they like.
    stream.on('error', () => stream.destroy())
    const [, download, upload] = target.exec(headers[':path'] ?? '') ?? []
    if (download === undefined) stream.respond({ ':status': 400 }, { endStream: true })
    else void answer(stream, messageOf(Number(upload)), messageOf(Number(download)))
  })
  .listen(Number(process.argv[2]), loopback, 1024)
process.on('SIGTERM', () => process.exit())

async function answer(stream: ServerHttp2Stream, expected: Buffer, message: Buffer): Promise<void> {
  const body = await buffer(stream).catch(() => undefined)
  if (stream.destroyed) return
  if (body?.equals(expected) !== true) {
    stream.respond({ ':status': 422 }, { endStream: true })
    return
  }
  stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(message)
}

function messageOf(bytes: number): Buffer {
  const known = messages.get(bytes)
  if (known !== undefined) return known
  const made = createMessage(bytes)
  messages.set(bytes, made)
  return made
}
