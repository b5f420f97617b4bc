import { connect, type Socket } from 'node:net'
import type { GatewayError } from '@gatewright/kernel'
import { connectError } from '../connect-error.ts'
import type { UpstreamOrigin } from './upstream-origin.ts'

/** How the connections to an upstream are made. All of them begin as one over TCP. */
export interface Dialer {
  /**
   * Makes of a TCP connection, which it owns from then on, what requests are sent over. That emits
   * `secureConnect` when it can be used, or `error`. Without it, the connection is used as it is.
   */
  secure?(socket: Socket, origin: UpstreamOrigin): Socket
  /** What it means that there is no connection. Nothing of a request has been sent. */
  failure(endpoint: string, error: Error): GatewayError
  /**
   * What it means that a connection was lost before it brought any byte; `undefined` for nothing in
   * particular.
   */
  loss?(endpoint: string, error: Error): GatewayError | undefined
}

/** TCP, and nothing else. */
export const plainDialer: Dialer = { failure: connectError }

/** Begins to connect over TCP. Whoever takes the socket begins to read. */
export function dialTcp({ host, port }: Pick<UpstreamOrigin, 'host' | 'port'>): Socket {
  const socket = connect({ host, port, allowHalfOpen: true, keepAlive: true, noDelay: true })
  // The wire may read in a way of its own.
  return socket.pause()
}
