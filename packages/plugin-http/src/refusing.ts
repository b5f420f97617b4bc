import type { Socket } from 'node:net'
import { resetSocket } from '@gatewright/http1'
import type { Refusal } from '@gatewright/kernel'
import { farewells } from './environment.ts'
import { errors } from './errors.ts'

/**
 * Closes a connection that is not let in.
 * @param readable False as long as the client expects TLS, so that it could read no answer.
 */
export function refuse(socket: Socket, { reset, answer }: Refusal, readable: boolean): void {
  socket.on('error', ignore)
  if (reset === true) resetSocket(socket)
  else if (answer === undefined || !readable) socket.destroy()
  else farewells.say(socket, answer)
}

/** Closes the connection of a client without TLS where others use it, and tells it so. */
export function refuseCleartext(socket: Socket, first: Buffer): void {
  socket.on('error', ignore)
  if (looksLikeHttp(first)) farewells.say(socket, errors.GW_HTTP_CLEARTEXT())
  else socket.destroy()
}

/** A method, or the begin of one. */
function looksLikeHttp(first: Buffer): boolean {
  return /^[A-Z]{1,20}(?: |$)/.test(first.toString('latin1', 0, 21))
}

function ignore(): void {
  // The connection was refused; how it ends concerns nobody.
}
