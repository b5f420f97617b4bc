import type { JsonSchema, OptionsSchema } from '@gatewright/kernel'
import type { CostOptions } from './cost.ts'
import type { KeyOptions } from './key/key-source.ts'

/** What a `middlewares` block of type `rate-limit` says. */
export interface RateLimitOptions extends KeyOptions, CostOptions {
  /** Requests per `period`; with the algorithm `concurrency`, requests at once. */
  readonly rate: number
  /** How many may come at once after a pause, with `token-bucket`. Default `rate`. */
  readonly burst?: number
  /** In milliseconds. Default 1000; of no meaning with `concurrency`. */
  readonly period?: number
  /** Default `token-bucket`. */
  readonly algorithm: 'token-bucket' | 'sliding-window' | 'concurrency'
  /** How many keys are remembered. Default 100,000. */
  readonly max_keys: number
  /** Of the answer to a refused request. Default 429. */
  readonly status: number
  /** Whether responses carry `RateLimit-*` fields. Default true. */
  readonly headers: boolean
}

const keyPattern =
  "^(?:client_ip|consumer|path|global|(?:header|cookie):[!#$%&'*+\\-.^_`|~0-9A-Za-z]+|jwt:.+)$"

const expectedKey =
  'one of "client_ip", "consumer", "path", "global", or "header:", "cookie:", "jwt:" and a name'

/** The schema of {@link KeyOptions}, for everything that limits by key. */
export const keySchema: OptionsSchema<KeyOptions>['properties'] = {
  key: {
    type: ['string', 'array'],
    pattern: keyPattern,
    'x-gatewright-expected': expectedKey,
    items: { type: 'string', pattern: keyPattern, 'x-gatewright-expected': expectedKey },
    minItems: 1,
    default: 'client_ip',
    description:
      'Which requests share a limit: those of one `client_ip`, `header:<name>`, `cookie:<name>`, `consumer`, `jwt:<claim>` or `path`, or all of them (`global`). Several in a list together are the key.',
  },
  missing_key: {
    type: 'string',
    enum: ['client_ip', 'global', 'skip'],
    default: 'client_ip',
    description:
      'What takes the place of a key that a request does not have; `skip` lets it pass uncounted.',
  },
  ipv6_prefix: {
    type: 'integer',
    minimum: 1,
    maximum: 128,
    default: 64,
    description: 'IPv6 clients whose addresses begin with the same bits, this many, are one.',
  },
}

/** The schema of how much is allowed and how it is told, for everything that counts over time. */
export const rateSchema = {
  rate: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000_000,
    description: 'Requests per `period`; with `concurrency`, requests at once.',
  },
  burst: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000_000,
    description: 'Requests that may come at once after a pause (`token-bucket`). Default: `rate`.',
  },
  period: {
    duration: true,
    description: 'How long the time is in which `rate` requests may come. Default: 1 s.',
  },
  max_keys: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000_000,
    default: 100_000,
    description:
      'How many keys are remembered at once; above that, the longest unused are forgotten.',
  },
  cost: {
    type: ['integer', 'string'],
    minimum: 1,
    pattern: "^header:[!#$%&'*+\\-.^_`|~0-9A-Za-z]+$",
    'x-gatewright-expected': 'a number or "header:" and a name',
    description:
      'How many requests one counts as: a number, or `header:<name>` for one of its fields. Default: 1. A field that is missing or no whole number from 1 on counts as 1, and one above the limit as all of it.',
  },
  status: {
    type: 'integer',
    minimum: 400,
    maximum: 599,
    default: 429,
    description: 'Status of the answer to a refused request.',
  },
  headers: {
    type: 'boolean',
    default: true,
    description: 'Whether responses carry `RateLimit-Limit`, `-Remaining` and `-Reset`.',
  },
} as const satisfies Readonly<Record<string, JsonSchema>>

/** Checks a block of type `rate-limit`. */
export const schema: OptionsSchema<RateLimitOptions> = {
  type: 'object',
  additionalProperties: false,
  required: ['rate'],
  properties: {
    ...rateSchema,
    ...keySchema,
    algorithm: {
      type: 'string',
      enum: ['token-bucket', 'sliding-window', 'concurrency'],
      default: 'token-bucket',
      description:
        'How requests are counted: `token-bucket` at a steady rate with bursts, `sliding-window` over the last `period`, `concurrency` while they are under way.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'A hundred requests a minute for each client',
      hcl: 'middlewares "fair" {\n  type   = "rate-limit"\n  rate   = 100\n  burst  = 20\n  period = "1m"\n}\n',
    },
    {
      title: 'Ten requests at once for each consumer',
      hcl: 'middlewares "polite" {\n  type      = "rate-limit"\n  rate      = 10\n  algorithm = "concurrency"\n  key       = "consumer"\n}\n',
    },
  ],
}
