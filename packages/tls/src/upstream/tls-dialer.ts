import { isIP, type Socket } from 'node:net'
import {
  checkServerIdentity,
  connect,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import type { Dialer, UpstreamOrigin } from '@gatewright/http1'
import type { GatewayError } from '@gatewright/kernel'
import { handshakeError, lateHandshakeError } from './failure.ts'
import { SessionCache } from './session-cache.ts'

/** What handshakes go by; replaced when the files behind it change. */
export interface Trust {
  /** Authorities, own certificate and versions. */
  readonly context: SecureContext
  /** Whether there is an own certificate. */
  readonly hasOwn: boolean
  /** Sessions that were made with it. */
  readonly sessions: SessionCache
}

/** Who is asked for, and whether it must be proved. */
export interface TrustRules {
  /** In place of the host in the URL. */
  readonly serverName: string | undefined
  /** Take any certificate. */
  readonly insecure: boolean
}

/** What a socket's handshake has shown so far. */
interface Shown {
  readonly name: string
  certificate: PeerCertificate | undefined
}

/** Encrypts connections to servers, once it is sure who they are. */
export class TlsDialer implements Dialer {
  readonly #rules: TrustRules
  readonly #trust: () => Trust
  readonly #protocols: readonly string[]
  readonly #shown = new WeakMap<Error, Shown>()

  /**
   * @param trust Asked for each connection.
   * @param protocols What is offered by ALPN, the best first; empty for nothing.
   */
  constructor(rules: TrustRules, trust: () => Trust, protocols: readonly string[]) {
    this.#rules = rules
    this.#trust = trust
    this.#protocols = protocols
  }

  /** The same for other protocols. Sessions are shared. */
  offering(protocols: readonly string[]): TlsDialer {
    return new TlsDialer(this.#rules, this.#trust, protocols)
  }

  secure(carrier: Socket, { host, port }: Pick<UpstreamOrigin, 'host' | 'port'>): TLSSocket {
    const { insecure } = this.#rules
    const { context, sessions } = this.#trust()
    const name = (this.#rules.serverName ?? host).replace(/\.$/, '')
    const server = `${host}:${port}`
    const session = sessions.get(server)
    const socket = connect({
      socket: carrier,
      secureContext: context,
      // An address is not asked for by name (RFC 6066 section 3).
      servername: isIP(name) === 0 ? name : '',
      rejectUnauthorized: !insecure,
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
      ...(this.#protocols.length > 0 && { ALPNProtocols: [...this.#protocols] }),
      ...(session !== undefined && { session }),
    })
    // Node resets no connection through its TLS layer.
    Object.defineProperty(socket, 'resetAndDestroy', {
      value: () => {
        carrier.resetAndDestroy()
        return socket
      },
    })
    this.#note(socket, { name, certificate: undefined })
    keepSession(socket, server, sessions)
    return socket
  }

  failure(endpoint: string, error: Error): GatewayError {
    return handshakeError(endpoint, error, this.#handshakeOf(error))
  }

  loss(endpoint: string, error: Error): GatewayError | undefined {
    return lateHandshakeError(endpoint, error, this.#handshakeOf(error))
  }

  /** Remembers what the server has shown, for the words about a failure. */
  #note(socket: TLSSocket, shown: Shown): void {
    // Before Node looks at it, after which there is none any more. Not as an X509Certificate: Node
    // does not find the certificate a second time then.
    socket.prependListener('secure', () => {
      if (!socket.isSessionReused()) shown.certificate = socket.getPeerCertificate()
    })
    socket.on('error', (error) => {
      this.#shown.set(error, shown)
      // Node tells of an alert, or of a broken record, and does not close the connection.
      socket.destroy()
    })
  }

  #handshakeOf(error: Error) {
    const shown = this.#shown.get(error)
    const { hasOwn } = this.#trust()
    return { name: shown?.name ?? '', certificate: shown?.certificate, hasOwn }
  }
}

/**
 * Keeps sessions for the next handshake. Only of servers that have proved who they are: in a
 * handshake that resumes a session nobody asks again.
 */
function keepSession(socket: TLSSocket, server: string, sessions: SessionCache): void {
  let proved = false
  let early: Buffer | undefined
  socket.on('session', (session: Buffer) => {
    if (proved) sessions.set(server, session)
    else early = session
  })
  socket.once('secureConnect', () => {
    proved = true
    if (early !== undefined) sessions.set(server, early)
    early = undefined
  })
  // A server that cannot deal with a session of its own gets no second chance to.
  socket.once('error', () => {
    if (!proved) sessions.delete(server)
  })
}
