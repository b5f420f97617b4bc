import type { OptionsSchema } from '@gatewright/kernel'

/** Field values by name. */
export type Fields = Readonly<Record<string, string>>

/** What a `middlewares` block of type `headers` says. */
export interface HeadersOptions {
  /** Fields of the request to set, whatever the client sent; an empty value removes the field. */
  readonly request_headers: Fields
  /** Fields to add to the request beside those of the same name. */
  readonly append_request_headers: Fields
  /** Fields of the response to set, whatever the upstream sent; an empty value removes the field. */
  readonly response_headers: Fields
  /** Fields to add to the response beside those of the same name. */
  readonly append_response_headers: Fields
  /** Host that the upstream is asked for, with a port if it needs one. Default the client's. */
  readonly host_override?: string
  /** Seconds for which browsers are to use TLS only; 0 ends that. Default none: not sent. */
  readonly hsts_seconds?: number
  /** Whether that holds for subdomains, too. Default false. */
  readonly hsts_include_subdomains: boolean
  /** Whether browsers may come with that knowledge. Default false. */
  readonly hsts_preload: boolean
  /** True sends `X-Frame-Options: DENY`. Default false. */
  readonly frame_deny: boolean
  /** True sends `X-Content-Type-Options: nosniff`. Default false. */
  readonly content_type_nosniff: boolean
  /** Value of `Referrer-Policy`. Default none: not sent. */
  readonly referrer_policy?: string
  /** Value of `Permissions-Policy`. Default none: not sent. */
  readonly permissions_policy?: string
  /** Value of `Content-Security-Policy`. Default none: not sent. */
  readonly content_security_policy?: string
}

/** Checks a block of type `headers`; names and values are checked by `create`. */
export const schema: OptionsSchema<HeadersOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    request_headers: {
      type: 'object',
      additionalProperties: { type: 'string' },
      default: {},
      description: 'Fields of the request to set; an empty value removes the field.',
    },
    append_request_headers: {
      type: 'object',
      additionalProperties: { type: 'string', minLength: 1 },
      default: {},
      description: 'Fields to add to the request beside those of the same name.',
    },
    response_headers: {
      type: 'object',
      additionalProperties: { type: 'string' },
      default: {},
      description: 'Fields of the response to set; an empty value removes the field.',
    },
    append_response_headers: {
      type: 'object',
      additionalProperties: { type: 'string', minLength: 1 },
      default: {},
      description: 'Fields to add to the response beside those of the same name.',
    },
    host_override: {
      type: 'string',
      pattern:
        '^(?:[A-Za-z0-9._\\-]+|\\[[0-9A-Fa-f:.]+\\])(?::(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[0-5]?[0-9]{1,4}))?$',
      'x-gatewright-expected': 'a host such as "app.example.com" or "127.0.0.1:8080"',
      description: 'Host that the upstream is asked for, with a port if it needs one.',
    },
    hsts_seconds: {
      type: 'integer',
      minimum: 0,
      description:
        '`Strict-Transport-Security`: seconds for which browsers use TLS only; 0 ends that. Sent over TLS only.',
    },
    hsts_include_subdomains: {
      type: 'boolean',
      default: false,
      description: 'Whether that holds for subdomains, too.',
    },
    hsts_preload: {
      type: 'boolean',
      default: false,
      description:
        'Whether browsers may come with that knowledge; needs a year and the subdomains.',
    },
    frame_deny: {
      type: 'boolean',
      default: false,
      description: 'Send `X-Frame-Options: DENY`, so that no page can frame this one.',
    },
    content_type_nosniff: {
      type: 'boolean',
      default: false,
      description: 'Send `X-Content-Type-Options: nosniff`.',
    },
    referrer_policy: {
      type: 'string',
      minLength: 1,
      description: 'Value of `Referrer-Policy`.',
    },
    permissions_policy: {
      type: 'string',
      minLength: 1,
      description: 'Value of `Permissions-Policy`.',
    },
    content_security_policy: {
      type: 'string',
      minLength: 1,
      description: 'Value of `Content-Security-Policy`.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Tell the service who asks, and hide what it runs on',
      hcl: 'middlewares "fields" {\n  type             = "headers"\n  request_headers  = { "X-Client" = "{client_ip}" }\n  response_headers = { "Server" = "", "X-Powered-By" = "" }\n}\n',
    },
    {
      title: 'Security fields',
      hcl: 'middlewares "secure" {\n  type                 = "headers"\n  hsts_seconds         = 31536000\n  frame_deny           = true\n  content_type_nosniff = true\n  referrer_policy      = "strict-origin-when-cross-origin"\n}\n',
    },
  ],
}
