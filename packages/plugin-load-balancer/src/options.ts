import type { OptionsSchema, ValueSchema } from '@gatewright/kernel'

/** Of the strategies that have no options of their own: weights stand with the servers. */
export type LoadBalancerOptions = Record<string, never>

/** What `strategy = "consistent-hash"` takes. */
export interface ConsistentHashOptions {
  /** `client_ip`, `path`, `header:<name>`, `cookie:<name>` or `query:<name>`. Default `client_ip`. */
  readonly hash_on: string
  /** Default `client_ip`. */
  readonly hash_missing: 'client_ip' | 'random'
  /** How far above the mean a server may be. Default: as far as it gets. */
  readonly load_factor?: number
}

/** What `strategy = "least-latency"` takes. */
export interface LeastLatencyOptions {
  /** In milliseconds. Default 10,000. */
  readonly decay: number
}

/** Of the strategies that have no options of their own. */
export const schema: OptionsSchema<LoadBalancerOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {},
}

/** Checks the options of `consistent-hash`. */
export const consistentHashSchema: OptionsSchema<ConsistentHashOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    hash_on: {
      type: 'string',
      pattern: "^(?:client_ip|path|(?:header|cookie|query):[!#$%&'*+\\-.^_`|~0-9A-Za-z]+)$",
      'x-gatewright-expected':
        '"client_ip", "path", or "header:", "cookie:" or "query:" and a name',
      default: 'client_ip',
      description:
        'What requests to the same server have in common: `client_ip`, `path` (without query), `header:<name>`, `cookie:<name>` or `query:<name>`.',
    },
    hash_missing: {
      type: 'string',
      enum: ['client_ip', 'random'],
      default: 'client_ip',
      description:
        'What counts for requests that do not have it, or have it empty: their `client_ip`, or nothing, so that they go to any server.',
    },
    load_factor: {
      type: 'number',
      minimum: 1,
      maximum: 100,
      description:
        'How many times the mean of all servers one may have in flight, such as 1.25; what is above goes to the next server. Default: no bound.',
    },
  },
}

/** Checks the options of `least-latency`. */
export const leastLatencySchema: OptionsSchema<LeastLatencyOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    decay: {
      duration: true,
      default: '10s',
      description:
        'How fast a measured latency is forgotten: after this time without traffic, 37 % of it is left.',
    },
  },
}

/** The values of the keys that go with every strategy. */
export const featuresSchema: {
  readonly type: 'object'
  readonly properties: Readonly<Record<'slow_start' | 'panic_threshold', ValueSchema>>
} = {
  type: 'object',
  properties: {
    slow_start: {
      duration: { allowZero: true },
      description:
        'How long a server that has recovered or was added gets less than its share of the traffic: a tenth of it at first, then more and more. 0 or nothing: it gets all at once.',
    },
    panic_threshold: {
      type: 'integer',
      minimum: 0,
      maximum: 100,
      description:
        'If fewer than this many of 100 servers are healthy, all of them get traffic, so that the few are not overrun. 0 or nothing: never.',
    },
  },
}
