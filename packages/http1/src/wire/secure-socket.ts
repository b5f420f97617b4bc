import type { Socket } from 'node:net'

/** True for a socket with TLS. Without the module that makes them, which costs time to load. */
export function isSecure(socket: Socket): boolean {
  return 'encrypted' in socket && socket.encrypted === true
}
