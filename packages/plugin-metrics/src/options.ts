import type { OptionsSchema } from '@gatewright/kernel'

/** The keys of the `metrics` block. */
export interface MetricsOptions {
  /** What all names begin with. */
  prefix: string
  /** Upper bounds of durations in seconds. */
  buckets: number[]
  /** How servers are named: by URL, or by a hash where URLs are nobody's business. */
  backend_label: 'url' | 'hash'
  /** One of so many runs of each step of a plugin is timed; 0 times none. */
  step_sampling: number
}

/** What durations are sorted by, in seconds. */
const defaultBuckets: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600,
]

/** Checks a `metrics` block. */
export const metricsSchema: OptionsSchema<MetricsOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    prefix: {
      type: 'string',
      pattern: '^[a-zA-Z_:][a-zA-Z0-9_:]*$',
      default: 'gateway_',
      description: 'What the names of all metrics of the gateway begin with.',
    },
    buckets: {
      type: 'array',
      items: { type: 'number', exclusiveMinimum: 0 },
      minItems: 1,
      maxItems: 50,
      default: [...defaultBuckets],
      description: 'Upper bounds of the buckets of durations, in seconds, ascending.',
    },
    backend_label: {
      type: 'string',
      enum: ['url', 'hash'],
      default: 'url',
      description:
        'How servers are named in labels: by URL without user and query, or by `b_` and a hash of that.',
    },
    step_sampling: {
      type: 'integer',
      minimum: 0,
      default: 64,
      description:
        'One of so many runs of each step of a plugin is timed, for `plugin_step_seconds`; 0 times none.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Fewer buckets, and no URLs of servers in labels',
      hcl: `metrics {
  buckets       = [0.01, 0.1, 1, 10]
  backend_label = "hash"
}
`,
    },
  ],
}
