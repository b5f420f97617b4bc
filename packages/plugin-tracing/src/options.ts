import type { OptionsSchema } from '@gatewright/kernel'
import type { Format } from './propagation/injection.ts'

/** Who is believed. */
export type Trust = 'always' | 'trusted_peers' | 'never'

/** The keys of the `tracing` block. */
export interface TracingOptions {
  /** Where spans are sent; empty for nowhere. */
  otlp_endpoint: string
  otlp_headers: Record<string, string>
  propagation: Format[]
  sample_rate: number
  exclude_paths: string[]
  service_name: string
  resource: Record<string, string>
  trust: Trust
  trust_ids: Trust
  detail: 'basic' | 'full'
  query_params: string[]
  request_headers: string[]
  response_headers: string[]
  baggage: 'pass' | 'drop'
  subrequests: boolean
  response_header: 'none' | 'traceresponse' | 'x-trace-id'
  request_id: 'none' | 'upstream' | 'both'
  batch_size: number
  batch_delay: number
  queue_size: number
}

const name = { type: 'string', minLength: 1, maxLength: 256 } as const

/** Checks a `tracing` block. */
export const tracingSchema: OptionsSchema<TracingOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    otlp_endpoint: {
      type: 'string',
      pattern: '^(https?://[^/?#]+[^?#]*)?$',
      'x-gatewright-expected': 'the URL of a collector, such as "http://127.0.0.1:4318"',
      'x-gatewright-secret': 'url',
      default: '',
      description:
        'A collector that takes OTLP over HTTP, such as `http://127.0.0.1:4318`; `/v1/traces` is added if there is no path. Without it traces are handed on, and nothing is sent.',
    },
    otlp_headers: {
      type: 'object',
      additionalProperties: { type: 'string' },
      'x-gatewright-secret': true,
      default: {},
      description: 'Header fields of what is sent to the collector, such as an API key.',
    },
    propagation: {
      type: 'array',
      items: { type: 'string', enum: ['w3c', 'b3', 'b3multi'] },
      minItems: 1,
      uniqueItems: true,
      default: ['w3c'],
      description:
        'How servers are told of the trace: `traceparent` and `tracestate`, one `b3` field, or `x-b3-…`. Clients may use any of them.',
    },
    sample_rate: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 1,
      description:
        'Which part of the traces is recorded, if nobody has decided before; the same ones in every gateway.',
    },
    exclude_paths: {
      type: 'array',
      items: { type: 'string', pattern: '^/' },
      default: [],
      description:
        'Paths of which no trace is recorded unless a client has decided to, such as those of probes: `/health`, or with a `/` at the end all that begin so.',
    },
    service_name: {
      type: 'string',
      minLength: 1,
      default: 'gatewright',
      description: 'By which name the gateway stands in traces.',
    },
    resource: {
      type: 'object',
      additionalProperties: { type: 'string' },
      default: {},
      description:
        'What else stands in all traces, such as `{ "deployment.environment.name" = "production" }`.',
    },
    trust: {
      type: 'string',
      enum: ['always', 'trusted_peers', 'never'],
      default: 'trusted_peers',
      description:
        'Who may decide that a trace is recorded, or is not: everybody, the proxies that the entrypoint trusts, or nobody. With `never` no trace is continued either.',
    },
    trust_ids: {
      type: 'string',
      enum: ['always', 'trusted_peers', 'never'],
      default: 'always',
      description:
        'Whose traces are continued. For the others a new one begins, which has a link to theirs.',
    },
    detail: {
      type: 'string',
      enum: ['basic', 'full'],
      default: 'basic',
      description: '`full` has a span for each step of a middleware, and for waiting in a queue.',
    },
    query_params: {
      type: 'array',
      items: name,
      default: [],
      description: 'Parameters of the query that stand in spans. All others may have secrets.',
    },
    request_headers: {
      type: 'array',
      items: name,
      default: [],
      description: 'Header fields of requests that stand in spans.',
    },
    response_headers: {
      type: 'array',
      items: name,
      default: [],
      description: 'Header fields of responses that stand in spans.',
    },
    baggage: {
      type: 'string',
      enum: ['pass', 'drop'],
      default: 'pass',
      description: 'What becomes of `baggage`. More than 8192 bytes of it never pass.',
    },
    subrequests: {
      type: 'boolean',
      default: false,
      description:
        'Tell also those whom middlewares ask on behalf of a request, such as the server of `forward-auth`, of the trace.',
    },
    response_header: {
      type: 'string',
      enum: ['none', 'traceresponse', 'x-trace-id'],
      default: 'none',
      description: 'A field that tells clients of the trace.',
    },
    request_id: {
      type: 'string',
      enum: ['none', 'upstream', 'both'],
      default: 'upstream',
      description:
        'Who gets an `x-request-id`, that of a trusted proxy or a new UUID: nobody, the server, or the client as well.',
    },
    batch_size: {
      type: 'integer',
      minimum: 1,
      maximum: 2048,
      default: 512,
      description: 'As many spans are sent together at most.',
    },
    batch_delay: {
      duration: true,
      default: '5s',
      description: 'How long a span waits for company.',
    },
    queue_size: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 2048,
      description: 'As many spans may wait; those above that are dropped and counted.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'A tenth of all traces to a collector, told to servers in two formats',
      hcl: `tracing {
  otlp_endpoint = "http://127.0.0.1:4318"
  service_name  = "edge"
  sample_rate   = 0.1
  propagation   = ["w3c", "b3multi"]
}
`,
    },
  ],
}
