import type { OptionsSchema } from '@gatewright/kernel'
import { clientTlsSchema, type UpstreamTlsOptions } from '@gatewright/tls'

/** What a `middlewares` block of type `forward-auth` says. */
export interface ForwardAuthOptions {
  /** Who is asked. */
  readonly forward_auth_url: string
  /** Method of the question. Default GET. */
  readonly method: 'GET' | 'HEAD'
  /** Fields of the answer that the upstream gets. Default none. */
  readonly forward_auth_response_headers: readonly string[]
  /** The same for all fields whose name matches; whole name, lower case. */
  readonly forward_auth_response_headers_regex?: string
  /** Fields of the request that are part of the question. Default nearly all. */
  readonly auth_request_headers?: readonly string[]
  /** Cookies that a permitting answer may give to the client. Default none. */
  readonly add_auth_cookies_to_response: readonly string[]
  /** Field of the answer with the name of the consumer. Default none. */
  readonly consumer_header?: string
  /** Ask with the body of the request, as a POST. Default false. */
  readonly forward_body: boolean
  /** Longest body of a request that is asked about with its body, in bytes. Default 1 MiB. */
  readonly max_body_bytes: number
  /** Longest body of an answer, in bytes. Default 1 MiB. */
  readonly max_response_bytes: number
  /** How long the answer may take, in milliseconds. Default 5000. */
  readonly timeout: number
  /** Connections to the auth server. Default 128. */
  readonly max_connections: number
  /** How long an answer that lets a request pass is remembered, in milliseconds. Default 0. */
  readonly cache_ttl: number
  /** Fields of the question that tell two apart. Default all. */
  readonly cache_key_headers?: readonly string[]
  /** Failures in a row after which the auth server gets a rest; 0 for never. Default 5. */
  readonly breaker_failures: number
  /** How long that rest is, in milliseconds. Default 2000. */
  readonly breaker_cooldown: number
  /** Status for the client if nobody decides. Default 502. */
  readonly on_error_status: number
  /** Let requests pass if nobody decides. Default false. */
  readonly fail_open: boolean
  /** How the auth server is recognised; without it, by what the system trusts. */
  readonly upstream_tls?: Omit<UpstreamTlsOptions, 'alpn'>
}

const fieldName = {
  type: 'string',
  pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
  'x-gatewright-expected': 'a header field name',
} as const

/** Checks a block of type `forward-auth`. */
export const schema: OptionsSchema<ForwardAuthOptions> = {
  type: 'object',
  additionalProperties: false,
  required: ['forward_auth_url'],
  properties: {
    forward_auth_url: {
      type: 'string',
      format: 'uri',
      pattern: '^https?://',
      'x-gatewright-expected': 'a URL that begins with "http://" or "https://"',
      'x-gatewright-secret': 'url',
      description: 'Who is asked.',
    },
    method: {
      type: 'string',
      enum: ['GET', 'HEAD'],
      default: 'GET',
      description: 'Method of the question.',
    },
    forward_auth_response_headers: {
      type: 'array',
      items: fieldName,
      default: [],
      description:
        'Header fields of the answer that the service gets; taken away from what clients send.',
    },
    forward_auth_response_headers_regex: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      description:
        'The same for all fields whose whole name, in lower case, matches; a pattern as in rules.',
    },
    auth_request_headers: {
      type: 'array',
      items: fieldName,
      description:
        'Header fields of the request that are part of the question; without it nearly all.',
    },
    add_auth_cookies_to_response: {
      type: 'array',
      items: { ...fieldName, 'x-gatewright-expected': 'the name of a cookie' },
      default: [],
      description: 'Cookies that the client gets from an answer that lets its request pass.',
    },
    consumer_header: {
      ...fieldName,
      description: 'Field of the answer with the name of the consumer, for limits and logs.',
    },
    forward_body: {
      type: 'boolean',
      default: false,
      description: 'Ask with the body of the request, as a POST.',
    },
    max_body_bytes: {
      bytes: true,
      default: '1MiB',
      description: 'Longest body of a request with `forward_body`, in bytes.',
    },
    max_response_bytes: {
      bytes: true,
      default: '1MiB',
      description: 'Longest body of an answer, in bytes.',
    },
    timeout: {
      duration: true,
      default: '5s',
      description: 'How long an answer may take.',
    },
    upstream_tls: clientTlsSchema,
    max_connections: {
      type: 'integer',
      minimum: 1,
      default: 128,
      description: 'Connections to the auth server.',
    },
    cache_ttl: {
      duration: { allowZero: true },
      default: 0,
      description:
        'How long an answer that lets a request pass holds for others like it; 0 asks anew for each.',
    },
    cache_key_headers: {
      type: 'array',
      items: fieldName,
      minItems: 1,
      description:
        'Fields of the question, `X-Forwarded-Uri` and `-Method` among them, that tell two of them apart for `cache_ttl`; without it all do.',
    },
    breaker_failures: {
      type: 'integer',
      minimum: 0,
      default: 5,
      description:
        'Questions in a row without an answer after which none is asked for a while; 0 always asks.',
    },
    breaker_cooldown: {
      duration: true,
      default: '2s',
      description:
        'How long that while is; then one request at a time asks until there is an answer.',
    },
    on_error_status: {
      type: 'integer',
      minimum: 500,
      maximum: 599,
      default: 502,
      description: 'Status for the client if there is no answer.',
    },
    fail_open: {
      type: 'boolean',
      default: false,
      description: 'Let requests pass if there is no answer.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Ask a login server',
      hcl: 'middlewares "login" {\n  type                          = "forward-auth"\n  forward_auth_url              = "http://127.0.0.1:9091/verify"\n  forward_auth_response_headers = ["X-User", "X-Groups"]\n}\n',
    },
  ],
}
