import type {
  Attempt,
  Dialect,
  GatewayError,
  GatewayResponse,
  RequestContext,
  Scope,
} from '@gatewright/kernel'
import { Call, tell } from '../call.ts'
import { failureIn, noteCode } from '../grpc-dialect.ts'
import { suffixOf } from '../media-type.ts'
import { makeTrailersOnly } from '../trailers-only.ts'
import { WebBody } from './web-body.ts'

/** One call of a browser: what its server answers in gRPC, and the gateway itself, in gRPC-Web. */
export class WebDialect implements Dialect {
  readonly #text: boolean
  readonly #suffix: string
  readonly #log: Scope['log']
  #call: Call | undefined = undefined

  /**
   * @param text Whether the client wants base64.
   * @param suffix How it writes messages, such as `+proto`.
   */
  constructor(text: boolean, suffix: string, log: Scope['log']) {
    this.#log = log
    this.#text = text
    this.#suffix = suffix
  }

  /** Throws GW_GRPC_BAD_TIMEOUT. */
  begin(ctx: RequestContext): void {
    this.#call = new Call(ctx, this.#log)
  }

  arrived(_ctx: RequestContext, attempt: Attempt, response: GatewayResponse): void {
    noteCode(attempt, response)
  }

  answer(response: GatewayResponse, ctx: RequestContext): void {
    const { headers } = response
    const failure = failureIn(response, ctx)
    if (failure !== undefined) {
      makeTrailersOnly(response, failure, this.#typeWith(''))
      return tell(ctx, failure)
    }
    const suffix = suffixOf(headers.get('content-type') ?? '')
    this.#call?.follow(response)
    if (headers.has('grpc-status')) return headers.set('content-type', this.#typeWith(suffix))
    const source = response.takeBody()
    if (source === undefined) return
    response.replaceBody(new WebBody(source, this.#text))
    headers.delete('trailer')
    headers.set('content-type', this.#typeWith(suffix))
  }

  interrupt(_ctx: RequestContext, error: GatewayError): boolean {
    return this.#call?.stop(error) ?? false
  }

  #typeWith(suffix: string): string {
    const ending = suffix || this.#suffix || '+proto'
    return `application/grpc-web${this.#text ? '-text' : ''}${ending}`
  }
}
