/**
 * An upstream server for benchmarks: answers `/payload/N` with N bytes, and `/payload/N/M` when it has got
 * M bytes and each of them was the expected one, else 422. What is no such request is answered 400.
 * Started by the harness with the port as its only argument.
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
