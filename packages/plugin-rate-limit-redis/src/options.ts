import type { OptionsSchema } from '@gatewright/kernel'
import {
  type CostOptions,
  type KeyOptions,
  keySchema,
  type MeterOptions,
  rateSchema,
} from '@gatewright/plugin-rate-limit'

/** What a `middlewares` block of type `rate-limit-redis` says. */
export interface RateLimitRedisOptions extends KeyOptions, CostOptions, MeterOptions {
  /** `redis://`, `rediss://` (TLS) or `unix://`, with user, password and database if needed. */
  readonly redis_url: string
  /** What all keys in Redis begin with. Default `gw:rl`. */
  readonly key_prefix: string
  /** How long a decision may take, in milliseconds. Default 50. */
  readonly timeout: number
  /** What happens to requests while Redis does not answer. Default `open`. */
  readonly on_failure: 'open' | 'closed' | 'local'
  /** Of the answer to a refused request. Default 429. */
  readonly status: number
  /** Whether responses carry `RateLimit-*` fields. Default true. */
  readonly headers: boolean
}

/** Checks a block of type `rate-limit-redis`. */
export const schema: OptionsSchema<RateLimitRedisOptions> = {
  type: 'object',
  additionalProperties: false,
  required: ['redis_url', 'rate'],
  properties: {
    redis_url: {
      type: 'string',
      pattern: '^(?:rediss?|unix)://.',
      'x-gatewright-expected': 'a URL that begins with "redis://", "rediss://" or "unix://"',
      'x-gatewright-secret': 'url',
      description:
        'Where Redis is: `redis://user:password@host:6379/0`, `rediss://…` for TLS, or `unix:///path`.',
    },
    ...rateSchema,
    rate: { ...rateSchema.rate, description: 'Requests per `period`, of all gateways together.' },
    period: {
      ...rateSchema.period,
      default: '1s',
      description: 'How long the time is in which `rate` requests may come.',
    },
    max_keys: {
      ...rateSchema.max_keys,
      description: 'How many keys each gateway remembers by itself with `on_failure = "local"`.',
    },
    ...keySchema,
    algorithm: {
      type: 'string',
      enum: ['token-bucket', 'sliding-window'],
      default: 'token-bucket',
      description:
        'How requests are counted: `token-bucket` at a steady rate with bursts, `sliding-window` over the last `period`.',
    },
    key_prefix: {
      type: 'string',
      minLength: 1,
      default: 'gw:rl',
      description: 'What all keys in Redis begin with.',
    },
    timeout: {
      duration: true,
      default: '50ms',
      description: 'How long a decision may take; at most 9 s.',
    },
    on_failure: {
      type: 'string',
      enum: ['open', 'closed', 'local'],
      default: 'open',
      description:
        'While Redis does not answer: `open` lets requests pass, `closed` answers 503, `local` counts in this gateway alone.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'A thousand requests a minute for each consumer, whichever gateway gets them',
      hcl: 'middlewares "shared" {\n  type       = "rate-limit-redis"\n  redis_url  = "redis://127.0.0.1:6379"\n  rate       = 1000\n  period     = "1m"\n  key        = "consumer"\n  on_failure = "local"\n}\n',
    },
  ],
}
