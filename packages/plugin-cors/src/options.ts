import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `cors` says. */
export interface CorsOptions {
  /**
   * Origins whose pages may use the service: `https://app.example.com`, `null`, or `*` for all.
   * Default all, unless there are `allowed_origin_patterns`.
   */
  readonly allowed_origins?: readonly string[]
  /** Further origins, with stars in their host, or as regular expressions. Default none. */
  readonly allowed_origin_patterns: readonly string[]
  /** Methods beside GET, HEAD and POST, which need no permission; `*` for all. */
  readonly allowed_methods: readonly string[]
  /** Request fields that pages may set; `*` for all. Default `Content-Type`, `Authorization`. */
  readonly allowed_headers: readonly string[]
  /** Response fields that pages may read beyond the usual ones; `*` for all. Default none. */
  readonly exposed_headers: readonly string[]
  /** Whether pages may use cookies and other credentials of their visitors. Default false. */
  readonly allow_credentials: boolean
  /** Whether pages of the internet may use the service in a private network. Default false. */
  readonly allow_private_network: boolean
  /** How long a browser may remember the answer to a preflight, in milliseconds. Default a day. */
  readonly max_age: number
  /** Whether allowed preflights go to the service rather than being answered here. Default false. */
  readonly preflight_continue: boolean
  /** Whether the fields replace those that the service sends itself. Default true. */
  readonly override_upstream: boolean
}

const token = { type: 'string', pattern: "^[!#$%&'*+\\-.^_`\\|~0-9A-Za-z]+$" } as const

/** Checks a block of type `cors`. */
export const schema: OptionsSchema<CorsOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    allowed_origins: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'string',
        // What browsers send: scheme, host and port, without a path.
        pattern:
          '^(?:\\*|null|[A-Za-z][A-Za-z0-9+.\\-]*://(?:[A-Za-z0-9._\\-]+|\\[[0-9A-Fa-f:.]+\\])(?::[0-9]{1,5})?)$',
        'x-gatewright-expected': 'an origin such as "https://app.example.com", "null" or "*"',
      },
      description:
        'Origins whose pages may use the service, `null`, or `*` for all. Without this key and `allowed_origin_patterns` all may.',
    },
    allowed_origin_patterns: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 1000 },
      default: [],
      description:
        'Further origins: `https://*.example.com`, or a regular expression that begins with `^`.',
    },
    allowed_methods: {
      type: 'array',
      minItems: 1,
      items: { ...token, 'x-gatewright-expected': 'a method or "*"' },
      default: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
      description: 'Methods that pages may use; `*` for all.',
    },
    allowed_headers: {
      type: 'array',
      items: { ...token, 'x-gatewright-expected': 'a header field name or "*"' },
      default: ['Content-Type', 'Authorization'],
      description: 'Request fields that pages may set; `*` for all.',
    },
    exposed_headers: {
      type: 'array',
      items: { ...token, 'x-gatewright-expected': 'a header field name or "*"' },
      default: [],
      description: 'Response fields that pages may read beyond the usual ones; `*` for all.',
    },
    allow_credentials: {
      type: 'boolean',
      default: false,
      description: 'Let pages use cookies and other credentials of their visitors.',
    },
    allow_private_network: {
      type: 'boolean',
      default: false,
      description: 'Let pages of the internet use the service in a private network.',
    },
    max_age: {
      duration: { allowZero: true },
      default: 86_400,
      description: 'How long a browser may remember the answer to a preflight.',
    },
    preflight_continue: {
      type: 'boolean',
      default: false,
      description: 'Send allowed preflights to the service; the fields are added to its answer.',
    },
    override_upstream: {
      type: 'boolean',
      default: true,
      description: 'Replace the fields that the service sends itself.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'One application and its previews, with cookies',
      hcl: 'middlewares "cors" {\n  type                    = "cors"\n  allowed_origins         = ["https://app.example.com"]\n  allowed_origin_patterns = ["https://*.preview.example.com"]\n  allow_credentials       = true\n}\n',
    },
  ],
}
