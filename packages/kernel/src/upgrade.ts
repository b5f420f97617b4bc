/**
 * Connections that leave HTTP: what follows a 101 response or a successful CONNECT.
 *
 * @module
 */
import type { Duplex } from 'node:stream'
import { type BodySink, type BodySource, ignoreErrors, isBodySource, StreamSource } from './body.ts'
import type { GatewayRequest } from './request.ts'
import type { GatewayResponse } from './response.ts'

/**
 * The server's side of a connection that has switched to another protocol. Its bytes move like
 * those of bodies, so that any version of HTTP may carry them on either side; each direction ends
 * by itself.
 */
export interface UpgradedStream {
  /**
   * What the server says, until it ends its side. Cancelling it tells the server that nobody
   * listens, which ends the whole stream where a protocol knows nothing less.
   */
  readonly source: BodySource
  /**
   * Sends what the client says, to its end. Called once, when the switch is on its way to the
   * client; never if it does not come to that.
   */
  connect(client: BodySource): void
  /** Ends both directions at once. Allowed at any time, and after the end without effect. */
  destroy(error?: unknown): void
}

/** Knows a protocol that clients may switch to, such as `websocket`. */
export interface UpgradeFactory {
  /** The token of the Upgrade field or of `:protocol`, in lower case. */
  readonly type: string
  /**
   * Checks a request to switch, before it is routed, and completes it for an upstream of HTTP/1.1:
   * one over HTTP/2 is a GET whose head lacks what extended CONNECT leaves out (RFC 8441 section
   * 5). Throws the GatewayError that refuses it. `Upgrade` and `Connection` are written by the
   * transport.
   */
  begin(request: GatewayRequest): void
  /**
   * Checks the response that switches, when it is on its way to the client, and completes it for
   * that. Throws what is answered instead.
   */
  complete?(request: GatewayRequest, response: GatewayResponse): void
}

/** The form in which a switched connection moves, of whatever a plugin gave. */
export function upgradedStreamOf(given: UpgradedStream | Duplex): UpgradedStream {
  return isUpgraded(given) ? given : new DuplexUpgrade(given)
}

function isUpgraded(given: UpgradedStream | Duplex): given is UpgradedStream {
  return 'source' in given && isBodySource(given.source)
}

/** A connection that a plugin gave as a stream. */
class DuplexUpgrade implements UpgradedStream, BodySink {
  readonly source: BodySource
  readonly #duplex: Duplex
  #client: BodySource | undefined = undefined

  constructor(duplex: Duplex) {
    this.#duplex = duplex
    this.source = new StreamSource(duplex)
    ignoreErrors(duplex)
  }

  connect(client: BodySource): void {
    const duplex = this.#duplex
    this.#client = client
    duplex.on('drain', () => this.#client?.resume())
    duplex.on('close', () => this.#giveUp())
    if (duplex.destroyed) return this.#giveUp()
    client.start(this)
  }

  destroy(error?: unknown): void {
    this.#duplex.destroy(error instanceof Error ? error : undefined)
    this.#giveUp(error)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    // The stream writes after this call, so it gets a copy.
    return this.#duplex.write(Buffer.from(bytes.subarray(start, end)))
  }

  end(): void {
    this.#client = undefined
    this.#duplex.end()
  }

  fail(error: unknown): void {
    this.#client = undefined
    this.destroy(error)
  }

  #giveUp(error?: unknown): void {
    const client = this.#client
    this.#client = undefined
    client?.cancel(error)
  }
}
