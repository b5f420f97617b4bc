import type { OptionsSchema } from '@gatewright/kernel'

/** How calls of gRPC may fail. */
const grpcCode = {
  type: 'string',
  pattern:
    '^(?:CANCELLED|UNKNOWN|INVALID_ARGUMENT|DEADLINE_EXCEEDED|NOT_FOUND|ALREADY_EXISTS|PERMISSION_DENIED|RESOURCE_EXHAUSTED|FAILED_PRECONDITION|ABORTED|OUT_OF_RANGE|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS|UNAUTHENTICATED)$',
  'x-gatewright-expected': 'a status code of gRPC, such as "UNAVAILABLE"',
} as const

/** What a `health_check` block says. */
export interface HealthCheckOptions {
  /** What is asked for; required for `mode = "http"`. */
  readonly path?: string
  /** How servers are asked. Default `http`. */
  readonly mode: 'http' | 'grpc' | 'tcp'
  /** Pause between two probes of a server, in milliseconds. Default 10 s. */
  readonly interval: number
  /** How long a probe may take, in milliseconds. Default 5 s. */
  readonly timeout: number
  /** Failures in a row after which a server is out. Default 3. */
  readonly unhealthy_threshold: number
  /** Successes in a row after which it is back. Default 1. */
  readonly healthy_threshold: number
  /** How much longer or shorter an interval may be, as a part of it. Default 0.1. */
  readonly jitter: number
  /** What is assumed of servers before anything is known. Default `healthy`. */
  readonly initial: 'healthy' | 'unhealthy' | 'unknown-wait'
  /** Method of the request. Default GET. */
  readonly method?: 'GET' | 'HEAD' | 'OPTIONS' | 'POST'
  /** Statuses of a healthy server: numbers and ranges. Default `200-299`. */
  readonly status?: string
  /** Further fields of the request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Field `host` of the request. Default that of the server. */
  readonly host?: string
  /** Asked in place of the server's own port. */
  readonly port?: number
  /** Used in place of the server's own scheme. */
  readonly scheme?: 'http' | 'https' | 'h2c'
  /** Text that the first 64 KiB of the body must have. */
  readonly body_contains?: string
  /** What a gRPC server is asked about. Default the server as a whole. */
  readonly service?: string
}

/** What a `passive_health` block says. */
export interface PassiveHealthOptions {
  /** Default true. */
  readonly enabled: boolean
  /** Errors within `window` after which a server is out. Default 5. */
  readonly error_threshold: number
  /** In milliseconds. Default 30 s. */
  readonly window: number
  /** Statuses that are errors. Default 500, 502, 503, 504. */
  readonly statuses: readonly number[]
  /** What answers say in a dialect, such as gRPC, that is an error. Default UNAVAILABLE. */
  readonly codes: readonly string[]
  /** How long a server is out before it is tried again, in milliseconds. Default 10 s. */
  readonly recovery: number
  /** By how much `recovery` grows each time that a trial fails. Default 1. */
  readonly backoff: number
  /** The longest that a server is out at a time, in milliseconds. Default 5 min, or `recovery` if longer. */
  readonly max_recovery?: number
  /** How many of the servers may be out at once, in percent. Default 100. */
  readonly max_ejected_percent: number
  /** Requests at once that try a server out. Default 1. */
  readonly half_open_requests: number
}

/** Checks a `health_check` block. */
export const activeSchema: OptionsSchema<HealthCheckOptions> = {
  type: 'object',
  description:
    'Asks each server again and again whether it works, and sends no requests to those that do not',
  additionalProperties: false,
  properties: {
    path: {
      type: 'string',
      pattern: '^/',
      'x-gatewright-expected': 'a path that begins with "/"',
      description: 'What is asked for, such as `/healthz`; required for `mode = "http"`.',
    },
    mode: {
      type: 'string',
      enum: ['http', 'grpc', 'tcp'],
      default: 'http',
      description:
        'How a server is asked: with a request, with `grpc.health.v1.Health/Check`, or by connecting.',
    },
    interval: {
      duration: true,
      default: '10s',
      description: 'Pause between two probes of a server.',
    },
    timeout: { duration: true, default: '5s', description: 'How long a probe may take.' },
    unhealthy_threshold: {
      type: 'integer',
      minimum: 1,
      default: 3,
      description: 'Failures in a row after which a server gets no more requests.',
    },
    healthy_threshold: {
      type: 'integer',
      minimum: 1,
      default: 1,
      description: 'Successes in a row after which it gets some again.',
    },
    jitter: {
      type: 'number',
      minimum: 0,
      maximum: 0.5,
      default: 0.1,
      description:
        'By which part of it an interval is made longer or shorter at random, so that probes do not come together.',
    },
    initial: {
      type: 'string',
      enum: ['healthy', 'unhealthy', 'unknown-wait'],
      default: 'healthy',
      description:
        'What is assumed before anything is known: `unhealthy` until `healthy_threshold` probes have succeeded, `unknown-wait` until the first probe has decided.',
    },
    method: {
      type: 'string',
      enum: ['GET', 'HEAD', 'OPTIONS', 'POST'],
      description: 'Method of the request. Without it, GET.',
    },
    status: {
      type: 'string',
      pattern: '^[1-5][0-9]{2}(-[1-5][0-9]{2})?(\\s*,\\s*[1-5][0-9]{2}(-[1-5][0-9]{2})?)*$',
      'x-gatewright-expected': 'statuses and ranges, such as "200-299, 401"',
      description:
        'Statuses of a healthy server: numbers and ranges, such as `200-299, 401`. Without it, `200-299`.',
    },
    headers: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Further fields of the request.',
    },
    host: {
      type: 'string',
      minLength: 1,
      description: 'Field `host` of the request. Without it, that of the server.',
    },
    port: {
      type: 'integer',
      minimum: 1,
      maximum: 65_535,
      description: "Asked in place of the server's own port.",
    },
    scheme: {
      type: 'string',
      enum: ['http', 'https', 'h2c'],
      description: "Used in place of the server's own scheme.",
    },
    body_contains: {
      type: 'string',
      minLength: 1,
      description: 'Text that the first 64 KiB of the body must have; not with `method = "HEAD"`.',
    },
    service: {
      type: 'string',
      description: 'What a gRPC server is asked about. Without it, the server as a whole.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'A server is out after two failures in a row, that is, after about ten seconds',
      hcl: `services "shop" {
  load_balancer {
    servers = [
      { url = "http://127.0.0.1:9001" },
      { url = "http://127.0.0.1:9002" },
    ]
    health_check {
      path                = "/healthz"
      interval            = "5s"
      unhealthy_threshold = 2
    }
  }
}
`,
    },
  ],
}

/** Checks a `passive_health` block. */
export const passiveSchema: OptionsSchema<PassiveHealthOptions> = {
  type: 'object',
  description:
    'Sends no requests to servers that fail those of clients, until single ones succeed again',
  additionalProperties: false,
  properties: {
    enabled: { type: 'boolean', default: true, description: 'False turns it off.' },
    error_threshold: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      default: 5,
      description: 'Errors within `window` after which a server gets no more requests.',
    },
    window: { duration: true, default: '30s', description: 'Over how long errors count.' },
    statuses: {
      type: 'array',
      items: { type: 'integer', minimum: 400, maximum: 599 },
      uniqueItems: true,
      default: [500, 502, 503, 504],
      description:
        'Statuses that are errors. A server that cannot be reached, is too slow, or breaks off counts always.',
    },
    codes: {
      type: 'array',
      items: grpcCode,
      uniqueItems: true,
      default: ['UNAVAILABLE'],
      description:
        'Codes of gRPC that are errors, such as `INTERNAL`, whatever the status of HTTP.',
    },
    recovery: {
      duration: true,
      default: '10s',
      description: 'How long a server is out before single requests try it.',
    },
    backoff: {
      type: 'number',
      minimum: 1,
      maximum: 10,
      default: 1,
      description: 'By how much `recovery` is multiplied each time that a trial fails.',
    },
    max_recovery: {
      duration: true,
      description:
        'The longest that `backoff` makes of `recovery`. Without it, 5 minutes, or `recovery` if that is longer.',
    },
    max_ejected_percent: {
      type: 'integer',
      minimum: 0,
      maximum: 100,
      default: 100,
      description:
        'How many of the servers may be out at once, in percent, rounded down. Only with 100 may the last one go.',
    },
    half_open_requests: {
      type: 'integer',
      minimum: 1,
      default: 1,
      description: 'Requests at once that try a server out.',
    },
  },
  'x-gatewright-examples': [
    {
      title:
        'Five errors within half a minute put a server out for ten seconds, but never more than half of them',
      hcl: `services "shop" {
  load_balancer {
    servers = [
      { url = "http://127.0.0.1:9001" },
      { url = "http://127.0.0.1:9002" },
    ]
    passive_health {
      error_threshold     = 5
      window              = "30s"
      recovery            = "10s"
      max_ejected_percent = 50
    }
  }
}
`,
    },
  ],
}
