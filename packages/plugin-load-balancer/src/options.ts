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
  description:
    'Sends what has something in common to the same server, and moves as little as possible when servers come and go; `ip-hash` is the same for `client_ip`, without options',
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
  'x-gatewright-examples': [
    {
      title:
        'Each picture has its server, which has it in its cache, unless that has too much to do',
      hcl: `services "images" {
  load_balancer {
    strategy    = "consistent-hash"
    hash_on     = "path"
    load_factor = 1.25
    servers = [
      { url = "http://127.0.0.1:9001" },
      { url = "http://127.0.0.1:9002" },
    ]
  }
}
`,
    },
  ],
}

/** Checks the options of `least-latency`. */
export const leastLatencySchema: OptionsSchema<LeastLatencyOptions> = {
  type: 'object',
  description: 'Prefers, of two servers drawn at random, the one that should answer sooner',
  additionalProperties: false,
  properties: {
    decay: {
      duration: true,
      default: '10s',
      description:
        'How fast a measured latency is forgotten: after this time without traffic, 37 % of it is left.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Near servers first, as long as they are quick',
      hcl: `services "search" {
  load_balancer {
    strategy = "least-latency"
    decay    = "20s"
    servers  = [{ url = "http://127.0.0.1:9001" }, { url = "http://10.1.0.7:9001" }]
  }
}
`,
    },
  ],
}

/** The values of the keys that go with every strategy. */
export const featuresSchema: {
  readonly type: 'object'
  readonly description: string
  readonly 'x-gatewright-examples': readonly { readonly title: string; readonly hcl: string }[]
  readonly properties: Readonly<Record<'slow_start' | 'panic_threshold', ValueSchema>>
} = {
  type: 'object',
  description:
    'Give servers that have come up a part of the traffic first, and keep the last ones from being overrun; with every strategy',
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
  'x-gatewright-examples': [
    {
      title:
        'All of the traffic after half a minute; below half of the servers, sick ones help out',
      hcl: `services "app" {
  load_balancer {
    slow_start      = "30s"
    panic_threshold = 50
    servers = [
      { url = "http://127.0.0.1:9001" },
      { url = "http://127.0.0.1:9002" },
      { url = "http://127.0.0.1:9003" },
    ]
    health_check {
      path = "/healthz"
    }
  }
}
`,
    },
  ],
}
