import type { OptionsSchema } from '@gatewright/kernel'

/** How calls of gRPC may fail. */
const grpcCode = {
  type: 'string',
  pattern:
    '^(?:CANCELLED|UNKNOWN|INVALID_ARGUMENT|DEADLINE_EXCEEDED|NOT_FOUND|ALREADY_EXISTS|PERMISSION_DENIED|RESOURCE_EXHAUSTED|FAILED_PRECONDITION|ABORTED|OUT_OF_RANGE|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS|UNAUTHENTICATED)$',
  'x-gatewright-expected': 'a status code of gRPC, such as "UNAVAILABLE"',
} as const

/** What a `middlewares` block of type `retry` says. */
export interface RetryOptions {
  /** Further tries after the first one. Default 3. */
  readonly max_retries: number
  /**
   * Longest pause before the first retry; doubles with each one. The pause itself is drawn at random
   * between 0 and that, so that clients who failed together do not come back together. Default 100.
   */
  readonly retry_interval_ms: number
  /** Longest pause, also if the upstream asks for more with `Retry-After`. Default 2000. */
  readonly max_interval_ms: number
  /** Statuses of the upstream that are worth another try. Default 502, 503, 504; empty for none. */
  readonly retry_status: readonly number[]
  /**
   * What the upstream says in a dialect, such as gRPC, that is worth another try, of any method.
   * Default none.
   */
  readonly retry_codes: readonly string[]
  /** Whether to try again when an upstream took the request and did not answer. Default false. */
  readonly retry_on_timeout: boolean
  /** Whether to repeat methods that may then take effect twice, such as POST. Default false. */
  readonly retry_non_idempotent: boolean
  /** Whether a request with `Idempotency-Key` counts as idempotent. Default true. */
  readonly respect_idempotency_key: boolean
  /** How much of a request body is kept for another try, in bytes. Default 65536. */
  readonly max_replay_bytes: number
  /** Bound for all tries and pauses together, in milliseconds. Default none. */
  readonly overall_timeout?: number
  /** Retries allowed within 10 s, in percent of the requests; 10 more are always. Default 20. */
  readonly budget_percent: number
  /** Request field that tells the upstream which try it sees, from 1 on. Default none. */
  readonly attempt_header?: string
}

/** Checks a block of type `retry`. */
export const schema: OptionsSchema<RetryOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    max_retries: {
      type: 'integer',
      minimum: 1,
      default: 3,
      description: 'Further tries after the first one.',
    },
    retry_interval_ms: {
      type: 'integer',
      minimum: 0,
      default: 100,
      description:
        'Longest pause before the first retry, in milliseconds; doubles with each one. The pause is drawn at random below that.',
    },
    max_interval_ms: {
      type: 'integer',
      minimum: 0,
      // A middleware that stays silent for 10 s fails its exchange.
      maximum: 9000,
      default: 2000,
      description:
        'Longest pause in milliseconds, also if the upstream asks for more with `Retry-After`.',
    },
    retry_status: {
      type: 'array',
      items: { type: 'integer', minimum: 400, maximum: 599 },
      uniqueItems: true,
      default: [502, 503, 504],
      description: 'Statuses of the upstream that are worth another try; an empty list for none.',
    },
    retry_codes: {
      type: 'array',
      items: grpcCode,
      uniqueItems: true,
      default: [],
      description:
        'Codes of gRPC that are worth another try, such as `UNAVAILABLE`, if the server says nothing else; of any method, since all calls are POST.',
    },
    retry_on_timeout: {
      type: 'boolean',
      default: false,
      description: 'Try again when an upstream took the request and did not answer in time.',
    },
    retry_non_idempotent: {
      type: 'boolean',
      default: false,
      description: 'Repeat also methods that may then take effect twice, such as POST.',
    },
    respect_idempotency_key: {
      type: 'boolean',
      default: true,
      description: 'Treat a request with an `Idempotency-Key` field as idempotent.',
    },
    max_replay_bytes: {
      bytes: { allowZero: true },
      default: 65_536,
      description: 'How much of a request body is kept for another try, in bytes.',
    },
    overall_timeout: {
      duration: true,
      description: 'Bound for all tries and pauses together. Without it there is none.',
    },
    budget_percent: {
      type: 'integer',
      minimum: 0,
      default: 20,
      description:
        'Retries allowed within 10 s, in percent of the requests; 10 more are always allowed.',
    },
    attempt_header: {
      type: 'string',
      pattern: '^[Xx]-(?![Ff][Oo][Rr][Ww][Aa][Rr][Dd][Ee][Dd]-)[0-9A-Za-z\\-]+$',
      'x-gatewright-expected':
        'a field name that begins with "X-", not with "X-Forwarded-", of letters, digits and hyphens (many servers drop names with "_")',
      description:
        'Request field, such as `X-Gateway-Attempt`, that tells the upstream which try it sees, from 1 on.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Two more tries, all within five seconds',
      hcl: 'middlewares "again" {\n  type            = "retry"\n  max_retries     = 2\n  overall_timeout = "5s"\n}\n',
    },
  ],
}
