import {
  type Attempt,
  Completion,
  type GatewayError,
  type GatewayResponse,
  type Interruptible,
  type RequestContext,
} from '@gatewright/kernel'

/** Whoever works on a call at the moment and must stop when the exchange is aborted. */
export interface CallBearer {
  abandon(call: UpstreamCall, error: GatewayError): void
}

/**
 * One attempt: waiting for a connection, or on one, until its response is complete. An abort of the
 * exchange reaches it as long as nobody else has put himself in its place, as the client's side
 * does once it has the response.
 */
export class UpstreamCall implements Interruptible {
  readonly ctx: RequestContext
  readonly attempt: Attempt
  readonly response: Completion<GatewayResponse> = new Completion()
  bearer: CallBearer | undefined = undefined
  /** True once the call was moved from a dead idle connection to another one. */
  repeated = false
  /** `performance.now()` at which it has waited too long for a connection. */
  waitsUntil = 0
  /** `performance.now()` since when it waits for a connection; 0 if it does not. */
  #waitsSince = 0

  constructor(ctx: RequestContext, attempt: Attempt) {
    this.ctx = ctx
    this.attempt = attempt
    ctx.interruptible = this
  }

  /** True until there is a response head or a failure. */
  get pending(): boolean {
    return this.response.pending
  }

  /** No connection can take it yet. */
  beginWait(bearer: CallBearer, until: number): void {
    this.bearer = bearer
    this.waitsUntil = until
    this.#waitsSince = performance.now()
  }

  /**
   * A connection takes it, or it has waited in vain.
   * @param connectMs How long it took to make the connection, if it was made for those that wait.
   */
  endWait(connectMs: number): void {
    if (this.#waitsSince === 0) return
    const waitedMs = performance.now() - this.#waitsSince
    this.#waitsSince = 0
    this.attempt.waitedMs += waitedMs
    this.attempt.connectMs += Math.min(connectMs, waitedMs)
  }

  interrupt(error: GatewayError): void {
    const { bearer } = this
    this.bearer = undefined
    bearer?.abandon(this, error)
    this.response.reject(error)
  }

  reject(error: GatewayError): void {
    this.leave()
    this.response.reject(error)
  }

  /** The upstream failed: before the response head, or after it. */
  fail(error: GatewayError): void {
    if (this.pending) this.response.reject(error)
    else this.attempt.break(error)
  }

  /** Nobody works on it any more. */
  leave(): void {
    this.bearer = undefined
    if (this.ctx.interruptible === this) this.ctx.interruptible = undefined
  }
}
