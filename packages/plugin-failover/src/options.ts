import type { OptionsSchema } from '@gatewright/kernel'

/** What a `failover` block of a service says. */
export interface FailoverOptions {
  /** The service that takes over. It may have a failover of its own. */
  readonly service: string
  /**
   * Statuses, of the upstream or of the gateway itself, after which a request is sent to the other
   * service at once. Default none.
   */
  readonly statuses: readonly number[]
  /** How much of a request body is kept for that, in bytes. Default 65536. */
  readonly max_replay_bytes: number
  /** How long the service must be up before it is used again, in milliseconds. Default 0. */
  readonly recover_after: number
}

/** Checks a `failover` block. */
export const schema: OptionsSchema<FailoverOptions> = {
  type: 'object',
  additionalProperties: false,
  required: ['service'],
  properties: {
    service: {
      type: 'string',
      'x-gatewright-ref': 'service',
      description: 'The service that takes over; it may have a `failover` of its own.',
    },
    statuses: {
      type: 'array',
      items: { type: 'integer', minimum: 400, maximum: 599 },
      uniqueItems: true,
      default: [],
      description:
        'Statuses after which a request is sent to the other service at once, such as `[502, 503, 504]`; those that the gateway answers itself count as well, as 502 does for a server that refuses connections.',
    },
    max_replay_bytes: {
      bytes: { allowZero: true },
      default: 65_536,
      description: 'How much of a request body is kept to be sent again because of `statuses`.',
    },
    recover_after: {
      duration: { allowZero: true },
      default: 0,
      description: 'How long the service must have healthy servers before it is used again.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Another data centre takes over, also for requests that this one answers with 503',
      hcl: `services "shop" {
  load_balancer {
    servers = [{ url = "http://10.0.0.1:8080" }]
  }
  failover {
    service       = "shop-elsewhere"
    statuses      = [502, 503, 504]
    recover_after = "30s"
  }
}

services "shop-elsewhere" {
  load_balancer {
    servers = [{ url = "http://10.1.0.1:8080" }]
  }
}
`,
    },
  ],
}
