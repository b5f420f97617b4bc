import type { OptionsSchema } from '@gatewright/kernel'

/** What a `mirror` block of a service says. */
export interface MirrorOptions {
  /** Where the copies go. */
  readonly service: string
  /** How many of 100 requests are copied. Default 100. */
  readonly percentage: number
  /** Only requests with these methods are copied. Default all. */
  readonly methods?: readonly string[]
  /** Copies under way at once. Default 100. */
  readonly max_inflight: number
  /** From sending a copy to the end of its response, in milliseconds. Default 10 s. */
  readonly timeout: number
  /** Requests with a larger body are not copied, in bytes. Default 1 MiB. */
  readonly max_body_bytes: number
  /** Fields that copies do not carry. Default none. */
  readonly strip_headers: readonly string[]
  /** Field with the value `true` that copies carry beside `X-Gatewright-Mirror: 1`; empty for none. */
  readonly shadow_header: string
  /** Whether the answers of both services are compared. Default false. */
  readonly compare: boolean
  /** Fields that are compared beside the status. Default none. */
  readonly compare_headers: readonly string[]
  /** Differences that are logged per minute; all are counted. Default 10. */
  readonly compare_log_limit: number
}

/** RFC 9110 section 5.6.2. */
const token = "[0-9A-Za-z!#$%&'*+.^_|~\\-]+"
const fieldName = {
  type: 'string',
  pattern: `^${token}$`,
  'x-gatewright-expected': 'a header field name',
} as const

/** Checks a `mirror` block. */
export const schema: OptionsSchema<MirrorOptions> = {
  type: 'object',
  additionalProperties: false,
  required: ['service'],
  properties: {
    service: {
      type: 'string',
      'x-gatewright-ref': 'service',
      description: 'The service that gets the copies: the shadow.',
    },
    percentage: {
      type: 'integer',
      minimum: 0,
      maximum: 100,
      default: 100,
      description: 'How many of 100 requests are copied, evenly spread.',
    },
    methods: {
      type: 'array',
      items: {
        type: 'string',
        // Methods have case (RFC 9110 section 9.1), and none that is in use has small letters.
        pattern: "^[0-9A-Z!#$%&'*+.^_|~\\-]+$",
        'x-gatewright-expected': 'a method in capitals, such as "GET"',
      },
      minItems: 1,
      uniqueItems: true,
      description:
        'Only requests with these methods are copied. Without it, all are, those that change something included.',
    },
    max_inflight: {
      type: 'integer',
      minimum: 1,
      default: 100,
      description: 'Copies under way at once; what would be more is dropped.',
    },
    timeout: {
      duration: true,
      default: '10s',
      description: 'How long a copy may take, from its sending to the end of its response.',
    },
    max_body_bytes: {
      bytes: { allowZero: true },
      default: '1MiB',
      description: 'Requests with a larger body are not copied.',
    },
    strip_headers: {
      type: 'array',
      items: fieldName,
      default: [],
      description: 'Fields that copies do not carry, such as `Authorization` and `Cookie`.',
    },
    shadow_header: {
      type: 'string',
      pattern: `^(?:${token})?$`,
      'x-gatewright-expected': 'a header field name or nothing',
      default: 'X-Shadow',
      description:
        'Field that copies carry with the value `true`, beside `X-Gatewright-Mirror: 1`; empty for none.',
    },
    compare: {
      type: 'boolean',
      default: false,
      description: 'Count and log where the shadow answers differently.',
    },
    compare_headers: {
      type: 'array',
      items: fieldName,
      default: [],
      description: 'Fields of the response that are compared beside the status.',
    },
    compare_log_limit: {
      type: 'integer',
      minimum: 0,
      default: 10,
      description: 'How many differences are logged per minute; all are counted.',
    },
  },
  'x-gatewright-examples': [
    {
      title:
        'Every tenth read goes to the new version as well, without credentials, and the log says where it differs',
      hcl: `services "shop" {
  load_balancer {
    servers = [{ url = "http://127.0.0.1:9001" }]
  }
  mirror {
    service       = "shop-next"
    percentage    = 10
    methods       = ["GET", "HEAD"]
    strip_headers = ["Authorization", "Cookie"]
    compare       = true
  }
}

services "shop-next" {
  load_balancer {
    servers = [{ url = "http://127.0.0.1:9002" }]
  }
}
`,
    },
  ],
}
