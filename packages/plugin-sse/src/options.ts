import type { OptionsSchema } from '@gatewright/kernel'

/** What a `streaming` block of a service says. Times in milliseconds; 0 means without a bound. */
export interface StreamingOptions {
  /** Media types of responses that stream. */
  readonly content_types: readonly string[]
  /** From the response head to the first byte of the body. Default: as `idle_timeout`. */
  readonly first_byte_timeout?: number
  /** Between two pieces. Default 300,000. */
  readonly idle_timeout: number
  /** From the begin of the attempt to the end of the stream. Default 3,600,000. */
  readonly total_timeout: number
  /** Whether proxies on the way to the client are told to collect nothing. Default false. */
  readonly disable_buffering: boolean
}

/** Checks a `streaming` block. */
export const schema: OptionsSchema<StreamingOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    content_types: {
      type: 'array',
      items: {
        type: 'string',
        pattern: '^[\\w!#$&^.+-]+/[\\w!#$&^.+-]+$',
        'x-gatewright-expected': 'a media type such as "text/event-stream"',
      },
      minItems: 1,
      default: ['text/event-stream', 'application/x-ndjson', 'application/stream+json'],
      description: 'Media types of responses that stream; all others go by `load_balancer`.',
    },
    first_byte_timeout: {
      duration: { allowZero: true },
      description:
        'From the response head to the first byte of the body; as `idle_timeout` if it is not given. 0 means without a bound.',
    },
    idle_timeout: {
      duration: { allowZero: true },
      default: '5m',
      description:
        'How long a server may be silent within its stream; `stream_idle_timeout` does not hold for it. 0 means without a bound.',
    },
    total_timeout: {
      duration: { allowZero: true },
      default: '60m',
      description:
        'From the begin of the attempt to the end of the stream; `stream_total_timeout` does not hold for it. 0 means without a bound.',
    },
    disable_buffering: {
      type: 'boolean',
      default: false,
      description:
        'Add `X-Accel-Buffering: no`, which tells proxies between this one and the client, such as nginx, to pass each piece on when it comes.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Events that may be rare, on streams that may last for ever',
      hcl: `services "news" {
  load_balancer {
    servers = [{ url = "http://127.0.0.1:9001" }]
  }
  streaming {
    first_byte_timeout = "10s"
    idle_timeout       = "15m"
    total_timeout      = 0
  }
}
`,
    },
  ],
}
