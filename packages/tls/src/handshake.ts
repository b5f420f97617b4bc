import type { Socket } from 'node:net'
import { type TLSSocket, TLSSocket as TlsSocket } from 'node:tls'
import { sharedDeadlines, type Timed } from '@gatewright/http1'
import type { ClientCertificate } from '@gatewright/kernel'
import { VerifiedCertificate } from './client-certificate.ts'
import { ClientHelloReader } from './client-hello.ts'
import type { PresentedCertificate } from './presented-certificate.ts'

/** What is known when a handshake is over. */
export interface Secured {
  /** Cleartext goes in and comes out. Owns the socket below it. */
  readonly socket: TLSSocket
  /** Lower-case, without a dot at its end (RFC 6066 section 3). */
  readonly serverName: string | undefined
  /** The protocol that was agreed upon (RFC 7301). */
  readonly alpn: string | undefined
  readonly offeredAlpn: readonly string[]
  /** Of the gateway. */
  readonly certificate: PresentedCertificate
  /** Of the client, if it has shown one, which is valid then. */
  readonly clientCertificate: ClientCertificate | undefined
}

/** Why there will be no encrypted connection. The socket is closed, or about to be. */
export interface HandshakeFailure {
  /** For logs. */
  readonly problem: string
  /**
   * What the client has said in cleartext. Its socket is open then, and whoever hears this closes it.
   */
  readonly cleartext?: { readonly socket: Socket; readonly bytes: Buffer }
}

/** Who hears how a handshake ends: one of these, once. */
export interface HandshakeEvents {
  onSecured(secured: Secured): void
  onFailed(failure: HandshakeFailure): void
}

/** @internal */
export interface HandshakeTerms {
  readonly timeoutMs: number
  readonly alpn: readonly string[]
  readonly clientMode: 'none' | 'request' | 'require'
  choose(serverName: string | undefined): PresentedCertificate | undefined
  /** The handshake has ended, one way or the other. */
  onOver(): void
}

/** Of unencrypted TLS records; whatever is first in others is none (RFC 8446 section 5.1). */
const handshakeRecord = 0x16
/** A fatal alert `unrecognized_name` (RFC 6066 section 3), in a record, for who has said hello. */
export const unrecognizedName: Uint8Array = Buffer.from([0x15, 3, 3, 0, 2, 2, 112])

/** The server's side of one handshake. */
export class Handshake implements Timed {
  dueAt: number
  readonly #raw: Socket
  readonly #terms: HandshakeTerms
  readonly #events: HandshakeEvents
  readonly #reader = new ClientHelloReader()
  #first: Buffer[] = []
  #secure: TLSSocket | undefined = undefined
  #over = false

  /** @internal */
  constructor(raw: Socket, terms: HandshakeTerms, events: HandshakeEvents) {
    this.#raw = raw
    this.#terms = terms
    this.#events = events
    this.dueAt = sharedDeadlines.later(terms.timeoutMs)
    sharedDeadlines.add(this)
    raw.on('error', this.#onGone).on('close', this.#onGone).on('end', this.#onGone)
    // Whoever has un-shifted what it read may have paused it.
    raw.on('data', this.#onData).resume()
  }

  expire(): void {
    this.#fail('it took too long')
  }

  /** Gives up; nobody hears of it. */
  cut(): void {
    if (this.#over) return
    this.#end()
    this.#destroy()
  }

  readonly #onGone = (error?: unknown): void => {
    this.#fail(error instanceof Error ? error.message : 'the client went away')
  }

  /** Which certificate it is to be stands in the first message, so that one is read here. */
  readonly #onData = (chunk: Buffer): void => {
    this.#first.push(chunk)
    const bytes = this.#first.length === 1 ? chunk : Buffer.concat(this.#first)
    this.#first = [bytes]
    if (bytes[0] !== handshakeRecord) return this.#refuseCleartext(bytes)
    if (!this.#reader.read(bytes)) return
    this.#releaseRaw()
    this.#raw.unshift(bytes)
    this.#first = []
    this.#secureRaw()
  }

  #refuseCleartext(bytes: Buffer): void {
    this.#releaseRaw()
    this.#end()
    this.#events.onFailed({
      problem: 'it does not speak TLS',
      cleartext: { socket: this.#raw, bytes },
    })
  }

  #secureRaw(): void {
    const certificate = this.#terms.choose(this.#reader.hello?.serverName)
    if (certificate === undefined) {
      this.#raw.on('error', ignore).end(unrecognizedName)
      const { serverName } = this.#reader.hello ?? {}
      return this.#fail(
        `there is no certificate for ${serverName ?? 'clients that name no server'}`,
      )
    }
    const { alpn, clientMode } = this.#terms
    const secure = new ServerSocket(this.#raw, {
      isServer: true,
      secureContext: certificate.context,
      requestCert: clientMode !== 'none',
      rejectUnauthorized: clientMode === 'require',
      ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
    })
    this.#secure = secure
    secure.on('error', this.#onGone).on('close', this.#onGone).on('end', this.#onGone)
    secure.once('secure', () => this.#onSecure(secure, certificate))
  }

  #onSecure(secure: TLSSocket, certificate: PresentedCertificate): void {
    if (this.#over) return
    const problem = this.#problemWith(secure)
    if (problem !== undefined) return this.#fail(problem)
    // Each renegotiation costs more than a handshake, and nobody needs one.
    secure.disableRenegotiation()
    // Node's own server says so; until then `node:http2` waits.
    Reflect.set(secure, 'secureConnecting', false)
    this.#end()
    // Its owner may look at it a moment later, and nobody else would hear of an error until then.
    secure
      .on('error', ignore)
      .off('error', this.#onGone)
      .off('close', this.#onGone)
      .off('end', this.#onGone)
    const { serverName, alpn: offeredAlpn = [] } = this.#reader.hello ?? {}
    const shown = secure.getPeerX509Certificate()
    this.#events.onSecured({
      socket: secure,
      serverName,
      alpn: secure.alpnProtocol || undefined,
      offeredAlpn,
      certificate,
      clientCertificate:
        shown === undefined || this.#terms.clientMode === 'none'
          ? undefined
          : new VerifiedCertificate(shown),
    })
  }

  #problemWith(secure: TLSSocket): string | undefined {
    const { clientMode } = this.#terms
    if (clientMode === 'none') return undefined
    const shown = secure.getPeerX509Certificate()
    if (shown === undefined) {
      return clientMode === 'require' ? 'the client shows no certificate' : undefined
    }
    const problem = verdictOn(secure)
    if (problem === undefined) return undefined
    return `the certificate of the client is not valid: ${problem}`
  }

  #fail(problem: string): void {
    if (this.#over) return
    this.#end()
    this.#destroy()
    this.#events.onFailed({ problem })
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    sharedDeadlines.remove(this)
    this.#terms.onOver()
  }

  #destroy(): void {
    this.#first = []
    const socket = this.#secure ?? this.#raw
    socket.on('error', ignore)
    // An alert that is on its way still gets there.
    if (socket.writableEnded) socket.destroySoon()
    else socket.destroy()
  }

  #releaseRaw(): void {
    const raw = this.#raw
    raw.off('data', this.#onData).pause()
    raw.off('error', this.#onGone).off('close', this.#onGone).off('end', this.#onGone)
  }
}

/**
 * Node resets no connection through its TLS layer, and outside of its own server nothing is done
 * about a connection on which something else than TLS arrives.
 */
class ServerSocket extends TlsSocket {
  readonly #raw: Socket

  constructor(raw: Socket, options: ConstructorParameters<typeof TlsSocket>[1]) {
    super(raw, options)
    this.#raw = raw
    this.on('_tlsError', (error: Error) => this.destroy(error))
  }

  override resetAndDestroy(): this {
    this.#raw.resetAndDestroy()
    return this
  }
}

/** Why the chain of a client's certificate is not valid; `undefined` if it is. */
function verdictOn(socket: object): string | undefined {
  // Node tells nobody but its own server, which does not say which connection it speaks of.
  const { ssl } = socket as { ssl?: { verifyError?(): (Error & { code?: string }) | null } }
  if (typeof ssl?.verifyError !== 'function') return 'this version of Node cannot tell'
  const error = ssl.verifyError()
  return error === null || error === undefined ? undefined : (error.code ?? error.message)
}

function ignore(): void {
  // It is closed, whatever happens to it.
}
