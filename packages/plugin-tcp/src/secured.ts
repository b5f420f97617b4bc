import type { Socket } from 'node:net'
import type { HandshakeFailure, Secured, ServerTls } from '@gatewright/tls'

/**
 * Leads the handshake of a connection that is decrypted here.
 * @returns `undefined` if there will be none; the connection is closed then, or about to be.
 */
export async function secured(
  tls: ServerTls,
  socket: Socket,
  remoteAddress: string,
): Promise<Secured | undefined> {
  const outcome = await new Promise<Secured | HandshakeFailure>((resolve) => {
    const handshake = tls.handshake(socket, { onSecured: resolve, onFailed: resolve })
    if (handshake !== undefined) return
    socket.destroy()
    resolve({ problem: 'too many handshakes' })
  })
  if ('certificate' in outcome) return outcome
  tls.note(remoteAddress, outcome.problem)
  outcome.cleartext?.socket.destroy()
  return undefined
}
