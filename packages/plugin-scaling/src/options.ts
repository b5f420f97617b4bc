import type { OptionsSchema } from '@gatewright/kernel'

/** What a `scaling` block of a service says. */
export interface ScalingOptions {
  /** Exchanges that one server works on at once; 0 means without a bound. Default 0. */
  readonly container_concurrency: number
  /** How long a request waits for a server, in milliseconds; 0 means not at all. Default 0. */
  readonly queue_timeout: number
  /** How many requests wait at once; those that come on top get 503. Default 100. */
  readonly queue_size: number
}

/** Checks a `scaling` block. */
export const schema: OptionsSchema<ScalingOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    container_concurrency: {
      type: 'integer',
      minimum: 0,
      default: 0,
      description: 'Requests that one server works on at once; 0 means without a bound.',
    },
    queue_timeout: {
      duration: { allowZero: true },
      default: 0,
      description:
        'How long a request waits while all servers are busy; then 503 with `Retry-After`. 0 means not at all.',
    },
    queue_size: {
      type: 'integer',
      minimum: 1,
      default: 100,
      description: 'How many requests wait at once; those that come on top get 503 at once.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Each server works on ten requests at once; others wait for up to two seconds',
      hcl: `services "render" {
  load_balancer {
    servers = [{ url = "http://127.0.0.1:9001" }]
  }
  scaling {
    container_concurrency = 10
    queue_timeout         = "2s"
  }
}
`,
    },
  ],
}
