import {
  type GatewayError,
  type GatewayRequest,
  type GatewayResponse,
  isIdempotent,
} from '@gatewright/kernel'
import type { RetryOptions } from './options.ts'

/**
 * Why a request is sent again: `unsent`, nothing of the try was sent; `failure`, the upstream went
 * away without an answer; `timeout`, it took too long; `status`, it answered with one of the list;
 * `code`, it did so in the dialect of the request.
 */
export type RetryReason = 'unsent' | 'failure' | 'timeout' | 'status' | 'code'

/**
 * Failures before the first byte of a response, by error type of RFC 9209 section 2.3. Who cannot
 * be reached at all (`destination_unavailable`) or does not speak HTTP will not within a second.
 */
const failures: Readonly<Record<string, RetryReason>> = {
  connection_terminated: 'failure',
  connection_read_timeout: 'timeout',
  connection_write_timeout: 'timeout',
  http_response_timeout: 'timeout',
}

/** Which requests and which outcomes another try is made for. Knows nothing of how often. */
export class RetryPolicy {
  readonly #statuses: ReadonlySet<number>
  readonly #codes: ReadonlySet<string>
  readonly #onTimeout: boolean
  readonly #anyMethod: boolean
  readonly #respectKey: boolean

  constructor(
    options: Pick<
      RetryOptions,
      | 'retry_status'
      | 'retry_codes'
      | 'retry_on_timeout'
      | 'retry_non_idempotent'
      | 'respect_idempotency_key'
    >,
  ) {
    this.#statuses = new Set(options.retry_status)
    this.#codes = new Set(options.retry_codes)
    this.#onTimeout = options.retry_on_timeout
    this.#anyMethod = options.retry_non_idempotent
    this.#respectKey = options.respect_idempotency_key
  }

  /** True if the request may reach an upstream twice. */
  isRepeatable({ method, headers, upgrade }: GatewayRequest): boolean {
    // What an upstream makes of the handshake of a conversation is for the client to judge.
    if (upgrade !== undefined) return false
    if (this.#anyMethod || isIdempotent(method)) return true
    return this.#respectKey && headers.has('idempotency-key')
  }

  /**
   * Why the outcome is worth another try; `undefined` if it is not.
   * @param repeatable What {@link RetryPolicy.isRepeatable} said before the first try.
   * @param code What the response says in the dialect of the request, if its head does.
   */
  reasonFor(
    { status, error }: GatewayResponse,
    repeatable: boolean,
    code?: string,
  ): RetryReason | undefined {
    if (error?.retryable === true) return 'unsent'
    if (error === undefined && code !== undefined && this.#codes.has(code)) return 'code'
    if (!repeatable) return undefined
    if (error === undefined) return this.#statuses.has(status) ? 'status' : undefined
    const reason = failures[error.kind.proxyStatus ?? '']
    return reason === 'timeout' && !this.#onTimeout ? undefined : reason
  }
}

/** True if the server did not even take the connection. */
export function isRefusal({ kind }: GatewayError): boolean {
  return kind.proxyStatus === 'connection_refused'
}
