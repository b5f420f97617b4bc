import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `circuit-breaker` says. */
export interface CircuitBreakerOptions {
  /** Failures in a row that open the circuit. Default 5. */
  readonly failure_threshold: number
  /** The part of the requests of `window` that opens it, instead of failures in a row. */
  readonly error_ratio?: number
  /** Requests in `window` below which the ratio says nothing. Default 20. */
  readonly min_requests: number
  /** Over how long the ratio is taken, in milliseconds. Default 10 s. */
  readonly window: number
  /** How long the circuit stays open, in seconds. Default 30. */
  readonly cooldown_secs: number
  /** The cooldown doubles up to this each time that a trial fails. Default `cooldown_secs`. */
  readonly max_cooldown_secs?: number
  /** Trials that must succeed before the circuit closes. Default 1. */
  readonly success_threshold: number
  /** Trials at once. Default 1. */
  readonly half_open_max_requests: number
  /** Statuses of the upstream that are failures. Default 500 to 599. */
  readonly failure_status?: readonly number[]
  /** A response head that takes longer is a failure, in milliseconds. */
  readonly latency_threshold_ms?: number
}

/** Checks a block of type `circuit-breaker`. */
export const schema: OptionsSchema<CircuitBreakerOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    failure_threshold: {
      type: 'integer',
      minimum: 1,
      default: 5,
      description: 'Failures in a row that open the circuit.',
    },
    error_ratio: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      description:
        'The part of the requests of `window` whose failure opens it, such as 0.5; takes the place of `failure_threshold`.',
    },
    min_requests: {
      type: 'integer',
      minimum: 1,
      default: 20,
      description: 'Requests in `window` below which `error_ratio` does not count.',
    },
    window: {
      duration: true,
      default: '10s',
      description: 'Over how long `error_ratio` is taken.',
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
      type: 'array',
      items: { type: 'integer', minimum: 400, maximum: 599 },
      uniqueItems: true,
      description: 'Statuses of the upstream that are failures. Without it, 500 to 599.',
    },
    latency_threshold_ms: {
      type: 'integer',
      minimum: 1,
      description: 'A response head that takes longer, in milliseconds, is a failure.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Half of the requests fail: rest for ten seconds, and longer each time',
      hcl: 'middlewares "breaker" {\n  type              = "circuit-breaker"\n  error_ratio       = 0.5\n  cooldown_secs     = 10\n  max_cooldown_secs = 120\n}\n',
    },
  ],
}
