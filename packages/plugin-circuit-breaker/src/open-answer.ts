import {
  type GatewayError,
  GatewayResponse,
  HeaderList,
  type RequestContext,
} from '@gatewright/kernel'
import { errors } from './errors.ts'
import type { CircuitBreakerOptions } from './options.ts'

/** RFC 9110 section 6.4.1, as far as a final response may be configured. */
const withoutBody = new Set([204, 205, 304])

/** What is answered in place of a request that may not pass. */
export class OpenAnswer {
  readonly #status: number
  readonly #body: string | undefined
  readonly #contentType: string

  /** Throws GW_CIRCUIT_BAD_FALLBACK and GW_CIRCUIT_UNUSED. */
  constructor(options: CircuitBreakerOptions) {
    const { fallback_status: status = 503, fallback_body: body } = options
    if (body !== undefined && withoutBody.has(status)) {
      throw errors.GW_CIRCUIT_BAD_FALLBACK({ status }, { option: ['fallback_body'] })
    }
    const { fallback_content_type: type } = options
    if (body === undefined && type !== undefined) {
      const option = ['fallback_content_type']
      throw errors.GW_CIRCUIT_UNUSED(
        { problem: 'needs fallback_body, which it is about' },
        { option },
      )
    }
    this.#status = status
    this.#body = body
    this.#contentType = type ?? 'text/plain; charset=utf-8'
  }

  get status(): number {
    return this.#status
  }

  /**
   * @param what What failed, for the log.
   * @param restMs How long it stays like that at least.
   */
  respond(ctx: RequestContext, what: string, restMs: number): GatewayResponse {
    const error = openError(what, restMs)
    if (ctx.abortedBy !== undefined) return ctx.fail(error)
    const status = this.#status
    // What is no error to the client is none to middlewares further out either.
    const failure = status >= 400 ? { error } : {}
    const body = this.#body
    if (body === undefined && status >= 400) return new GatewayResponse({ status, ...failure })
    const fields = ['date', new Date().toUTCString(), ...error.headers]
    if (body !== undefined) fields.push('content-type', this.#contentType)
    return new GatewayResponse({
      status,
      headers: new HeaderList(fields),
      body: body ?? null,
      ...failure,
    })
  }
}

/**
 * The error of a request that may not pass, with its `Retry-After`.
 * @param retryable True if another try may go elsewhere.
 */
export function openError(what: string, restMs: number, retryable: boolean = false): GatewayError {
  const seconds = Math.max(1, Math.ceil(restMs / 1000))
  const headers = ['retry-after', String(seconds)]
  return errors.GW_CIRCUIT_OPEN({ what, restMs: Math.ceil(restMs) }, { headers, retryable })
}
