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
  abandon(call: UpstreamCall): void
}

/** One attempt on its way to a response head: waiting for a connection, or on one. */
export class UpstreamCall implements Interruptible {
  readonly ctx: RequestContext
  readonly attempt: Attempt
  readonly response: Completion<GatewayResponse> = new Completion()
  bearer: CallBearer | undefined = undefined
  /** True once the call was moved from a dead idle connection to a fresh one. */
  repeated = false

  constructor(ctx: RequestContext, attempt: Attempt) {
    this.ctx = ctx
    this.attempt = attempt
    ctx.interruptible = this
  }

  get pending(): boolean {
    return this.response.pending
  }

  interrupt(error: GatewayError): void {
    const { bearer } = this
    this.bearer = undefined
    bearer?.abandon(this)
    this.response.reject(error)
  }

  resolve(response: GatewayResponse): void {
    this.#leave()
    this.response.resolve(response)
  }

  reject(error: GatewayError): void {
    this.#leave()
    this.response.reject(error)
  }

  #leave(): void {
    this.bearer = undefined
    if (this.ctx.interruptible === this) this.ctx.interruptible = undefined
  }
}
