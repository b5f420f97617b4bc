/**
 * An upstream server for benchmarks: answers `/payload/N` with N bytes, after it has compared every
 * byte of the request body with the expected one (then 422 if one was wrong). Started by the
 * harness with the port as its only argument.
 *
 * It understands only what proxies send to it here: requests without a body and those with a
 * `Content-Length`. Everything else is answered 400.
 *
 * @module
 */
import { createServer, type Socket } from 'node:net'
import { loopback } from '../process/port.ts'
import { UpstreamConnection } from './upstream-connection.ts'

const server = createServer({ noDelay: true }, (socket: Socket) => {
  const connection = new UpstreamConnection(socket)
  socket.on('data', (bytes: Buffer) => connection.push(bytes))
  // Proxies close their connections as they like.
  socket.on('error', () => socket.destroy())
})
server.listen(Number(process.argv[2]), loopback, 1024)
process.on('SIGTERM', () => process.exit())
