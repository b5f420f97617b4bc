/**
 * An upstream server that sends every WebSocket message back. Started by the harness with the port
 * as its only argument.
 *
 * @module
 */
import { WebSocketServer } from 'ws'
import { loopback } from '../process/port.ts'

const port = Number(process.argv[2])
const server = new WebSocketServer({ host: loopback, port, backlog: 1024 })
server.on('connection', (socket) => {
  socket.on('message', (message, binary) => socket.send(message, { binary }))
  // Proxies close their connections as they like.
  socket.on('error', () => socket.terminate())
})
process.on('SIGTERM', () => process.exit())
