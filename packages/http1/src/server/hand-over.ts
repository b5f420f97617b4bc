import type { ServerConnection } from './server-connection.ts'
import type { ServerHost } from './server-host.ts'

/** Gives a connection to whoever speaks HTTP/2, with what its client has said so far. */
export function handOver(connection: ServerConnection, host: ServerHost, bytes: Buffer): void {
  host.deadlines.remove(connection)
  const socket = connection.wire.release()
  socket.unshift(bytes)
  host.onHttp2?.(connection, socket)
}
