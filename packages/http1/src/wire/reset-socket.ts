import type { Socket } from 'node:net'

/** Closes a socket at once, so that its peer cannot take what it got for all there was. */
export function resetSocket(socket: Socket): void {
  // A reset while the FIN is on its way out fails, and Node would never close the socket.
  const ending = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0
  if (ending && !socket.destroyed) {
    socket.once('finish', () => resetSocket(socket))
    return
  }
  socket.resetAndDestroy()
}
