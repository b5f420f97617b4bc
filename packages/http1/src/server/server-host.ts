import type { Socket } from 'node:net'
import type { GatewayRequest, GatewayResponse } from '@gatewright/kernel'
import type { Deadlines } from '../deadlines.ts'
import type { HeadPool } from '../head/head-pool.ts'
import type { Http1Limits } from '../limits.ts'
import type { ServerConnection } from './server-connection.ts'
import type { UpgradeHost } from './upgrade-token.ts'

/** Whoever answers the requests of a connection. None of these may throw. */
export interface ServerHost extends UpgradeHost {
  readonly limits: Http1Limits
  readonly deadlines: Deadlines
  readonly heads: HeadPool
  /** A request head was read. Answer once with {@link ServerConnection.respond}. */
  onRequest(connection: ServerConnection, request: GatewayRequest): void
  /** What came in is no request; the response to it. The connection closes after that. */
  onFault(connection: ServerConnection, error: unknown): GatewayResponse
  /** The given response has a head that cannot be sent; one that can. The connection closes. */
  onUnsendable(connection: ServerConnection, error: unknown): GatewayResponse
  /** The response broke off after its head was sent. `onDone` follows. */
  onBroken(connection: ServerConnection, error: unknown): void
  /** The client went away before it had its response. `onDone` follows. */
  onAbort(connection: ServerConnection): void
  /** The exchange is over: its response is out or nobody will read it. */
  onDone(connection: ServerConnection): void
  onClose(connection: ServerConnection): void
  /** Whether clients that speak HTTP/2 with prior knowledge are handed over; else they are refused. */
  readonly http2?: boolean
  /**
   * The client speaks HTTP/2 (RFC 9113 section 3.3): a socket with everything that it has said so
   * far, to be taken before the turn of the event loop ends. Nothing else is called after that.
   */
  onHttp2?(connection: ServerConnection, socket: Socket): void
}
