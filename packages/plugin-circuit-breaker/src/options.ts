import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `circuit-breaker` says. */
export interface CircuitBreakerOptions {
  /** What has a circuit of its own. Default `service`. */
  readonly per: 'service' | 'endpoint'
  /** Failures in a row that open the circuit. Default 5. */
  readonly failure_threshold?: number
  /** The part of the requests of `window` that opens it, instead of failures in a row. */
  readonly error_ratio?: number
  /**
   * The part of the requests of `window` that takes longer than `latency_threshold_ms` and so opens
   * it. A slow answer is no failure then.
   */
  readonly slow_ratio?: number
  /** Requests in `window` below which a ratio says nothing. Default 20. */
  readonly min_requests: number
  /** Over how long ratios are taken, in milliseconds. Default 10 s. */
  readonly window: number
  /** How long the circuit stays open, in seconds. Default 30. */
  readonly cooldown_secs: number
  /** The cooldown doubles up to this each time that a trial fails. Default `cooldown_secs`. */
  readonly max_cooldown_secs?: number
  /** Trials that must succeed before the circuit closes. Default 1. */
  readonly success_threshold: number
  /** Trials at once. Default 1. */
  readonly half_open_max_requests: number
  /**
   * Statuses of the upstream that are failures: a number, a text such as `"429, 500-599"`, or a list
   * of both. Default 500 to 599.
   */
  readonly failure_status?: unknown
  /** A response head that takes longer is slow, which is a failure without `slow_ratio`. */
  readonly latency_threshold_ms?: number
  /** Status of the answer while the circuit is open. Default 503. */
  readonly fallback_status?: number
  /** Body of that answer. Without it, it is a problem document. */
  readonly fallback_body?: string
  /** Content type of `fallback_body`. Default `text/plain; charset=utf-8`. */
  readonly fallback_content_type?: string
}

const range = '[45]\\d\\d(?:-[45]\\d\\d)?'
const statuses = `^${range}(?:, ?${range})*$`
const expectedStatuses = 'statuses from 400 to 599, such as "429" or "500-599"'

/** Checks a block of type `circuit-breaker`. */
export const schema: OptionsSchema<CircuitBreakerOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    per: {
      type: 'string',
      enum: ['service', 'endpoint'],
      default: 'service',
      description:
        'What has a circuit of its own: each service, or each of its servers, of which the others then take over.',
    },
    failure_threshold: {
      type: 'integer',
      minimum: 1,
      description: 'Failures in a row that open the circuit. Without it and `error_ratio`, 5.',
    },
    error_ratio: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      description:
        'The part of the requests of `window` whose failure opens it, such as 0.5; in place of `failure_threshold`.',
    },
    slow_ratio: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      description:
        'The part of the requests of `window` whose slowness opens it, too; needs `latency_threshold_ms`.',
    },
    min_requests: {
      type: 'integer',
      minimum: 1,
      default: 20,
      description: 'Requests in `window` below which `error_ratio` and `slow_ratio` do not count.',
    },
    window: {
      duration: true,
      default: '10s',
      description: 'Over how long `error_ratio` and `slow_ratio` are taken.',
    },
    cooldown_secs: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 30,
      description: 'How long it stays open, in seconds, before a request is let through on trial.',
    },
    max_cooldown_secs: {
      type: 'number',
      exclusiveMinimum: 0,
      description:
        'Up to how many seconds the cooldown doubles each time that a trial fails. Without it, it stays the same.',
    },
    success_threshold: {
      type: 'integer',
      minimum: 1,
      default: 1,
      description: 'Trials that must succeed before it closes.',
    },
    half_open_max_requests: {
      type: 'integer',
      minimum: 1,
      default: 1,
      description: 'Trials at once.',
    },
    failure_status: {
      type: ['integer', 'string', 'array'],
      minimum: 400,
      maximum: 599,
      pattern: statuses,
      'x-gatewright-expected': expectedStatuses,
      items: {
        type: ['integer', 'string'],
        minimum: 400,
        maximum: 599,
        pattern: statuses,
        'x-gatewright-expected': expectedStatuses,
      },
      minItems: 1,
      description:
        'Statuses of the upstream that are failures, such as `[429, "500-599"]`. Without it, 500 to 599.',
    },
    latency_threshold_ms: {
      type: 'integer',
      minimum: 1,
      description:
        'A response head that takes longer, in milliseconds, is slow: a failure, or with `slow_ratio` counted on its own.',
    },
    fallback_status: {
      type: 'integer',
      minimum: 200,
      maximum: 599,
      description: 'Status of the answer while it is open. Without it, 503.',
    },
    fallback_body: {
      type: 'string',
      maxLength: 65_536,
      description: 'Body of that answer. Without it, a problem document.',
    },
    fallback_content_type: {
      type: 'string',
      pattern: '^[!-~](?:[ -~]*[!-~])?$',
      'x-gatewright-expected': 'a media type such as "text/plain"',
      description: 'What `fallback_body` is. Without it, `text/plain; charset=utf-8`.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'A quarter of the answers takes longer than two seconds',
      hcl: 'middlewares "breaker" {\n  type                 = "circuit-breaker"\n  slow_ratio           = 0.25\n  latency_threshold_ms = 2000\n}\n',
    },
    {
      title: 'Half of the requests fail: rest for ten seconds, and longer each time',
      hcl: 'middlewares "breaker" {\n  type              = "circuit-breaker"\n  error_ratio       = 0.5\n  cooldown_secs     = 10\n  max_cooldown_secs = 120\n}\n',
    },
  ],
}
