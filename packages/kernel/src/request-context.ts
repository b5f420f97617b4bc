/**
 * One HTTP exchange, and its copy for shadow requests.
 *
 * @module
 */
import { teeBody } from './body-copies.ts'
import type { Connection } from './connection.ts'
import type { Dialect } from './dialect.ts'
import { asGatewayError } from './errors.ts'
import { Exchange } from './exchange.ts'
import type { HeaderList } from './headers.ts'
import { GatewayRequest } from './request.ts'
import { GatewayResponse } from './response.ts'
import type { Snapshot } from './snapshot.ts'

/** Relays a 1xx response head to the client (RFC 9110 section 15.2). */
export type Inform = (status: number, headers: HeaderList) => void

/** Knows of every exchange that runs, the copies included. @internal */
export interface ForkKeeper {
  beginFork(fork: RequestContext): void
  endFork(fork: RequestContext): void
}

/** What stands for the status where the client did not wait for one. */
const clientClosed = 499

/** One HTTP exchange, of any HTTP version. */
export class RequestContext extends Exchange {
  readonly request: GatewayRequest
  /** Who answered, for logs and metrics: `middleware "auth-jwt"`, `service "api"`. */
  answeredBy: string | undefined = undefined
  /** The final response, once it is known; for `finish` taps. */
  response: GatewayResponse | undefined = undefined
  /** What the request is in, beside HTTP; `undefined` for most. */
  dialect: Dialect | undefined = undefined
  /** Set by the kernel's ingress. @internal */
  keeper: ForkKeeper | undefined = undefined
  readonly #inform: Inform | undefined
  #clientAddress: string | undefined = undefined

  constructor(
    connection: Connection,
    snapshot: Snapshot,
    request: GatewayRequest,
    inform?: Inform,
  ) {
    super(connection, snapshot)
    this.request = request
    this.#inform = inform
  }

  /** The client's address, behind proxies that the entrypoint trusts. */
  override get clientAddress(): string {
    const { connection } = this
    this.#clientAddress ??= connection.clientAddressOf?.(this.request) ?? connection.remoteAddress
    return this.#clientAddress
  }

  /**
   * The status by which it is told of once it is over: that of the response, or 499 if its client went
   * away before there was one. 0 as long as there is none.
   */
  get status(): number {
    const { abortedBy, response, established } = this
    if (abortedBy?.source === 'client' && !established) return clientClosed
    return response?.status ?? abortedBy?.status ?? 0
  }

  /** Turns any thrown value into the response that the client will get. */
  fail(error: unknown): GatewayResponse {
    // What fails after an abort fails because of it.
    const failure = this.abortedBy ?? asGatewayError(error)
    return new GatewayResponse({ status: failure.status, error: failure })
  }

  /** Sends a 1xx response ahead of the final one, if the client's protocol can take it. */
  inform(status: number, headers: HeaderList): void {
    if (!this.established && !this.ended) this.#inform?.(status, headers)
  }

  /**
   * An independent copy for a shadow request: own head, body teed, not tied to the client. It holds
   * its snapshot and counts on its endpoints until {@link ForkedContext.end}; no hook runs for it
   * but those of its attempts.
   * @param maxBodyBytes Above this the copy's body fails and the original goes on.
   */
  fork(maxBodyBytes: number): ForkedContext {
    const { request } = this
    const source = request.takeBody()
    const [main, copy] = source === undefined ? [null, null] : teeBody(source, maxBodyBytes)
    request.replaceBody(main)
    // The original may end without having read its body; the copy must not wait for it.
    if (copy !== null) this.defer(() => copy.abandon())
    const head = {
      version: request.version,
      method: request.method,
      target: request.target,
      authority: request.authority,
      headers: request.headers.clone(),
      upgrade: request.upgrade,
    }
    const copied = new GatewayRequest(head, copy)
    const forked = new ForkedContext(this, copied)
    forked.route = this.route
    forked.#clientAddress = this.#clientAddress
    forked.heldBy = this.heldBy
    forked.keeper = this.keeper
    this.keeper?.beginFork(forked)
    return forked
  }
}

/** The copy of an exchange; its maker ends it. */
export class ForkedContext extends RequestContext {
  /** What it is a copy of, which may have ended since. */
  readonly original: RequestContext

  constructor(original: RequestContext, request: GatewayRequest) {
    super(original.connection, original.snapshot, request)
    this.original = original
  }

  /** Releases everything that the copy holds. To be called once its response was read or discarded. */
  end(): void {
    if (this.ended) return
    this.request.discard()
    this.keeper?.endFork(this)
  }
}
