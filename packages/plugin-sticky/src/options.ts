import type { OptionsSchema } from '@gatewright/kernel'

/** What a `sticky` block of a service says. */
export interface StickyOptions {
  /** Name of the cookie. Either this or {@link StickyOptions.header} is there. */
  readonly cookie?: string
  /** Name of the request field whose value chooses the server. */
  readonly header?: string
  /** What the cookie holds: a keyed hash of the server, or the id of a session. */
  readonly mode: 'cookie-hash' | 'table'
  /** How long the cookie lives, in milliseconds; 0 until the browser closes. Default 1 h. */
  readonly ttl: number
  /** Whether the cookie is sent again when more than half of that has passed. Default true. */
  readonly refresh: boolean
  /** Key of the hashes and of the ids. Default: a random one, which ends with the gateway. */
  readonly secret?: string
  /** How many sessions the table holds. Default 100,000. */
  readonly max_sessions: number
  /** What becomes of clients whose server is not available. Default `rebind`. */
  readonly on_unhealthy: 'rebind' | 'fail'
  /** Whether answers with a status from 400 on carry the cookie, too. Default true. */
  readonly cookie_on_error: boolean
  /** Whether the cookie is kept from the upstream. Default true. */
  readonly strip_cookie: boolean
  /** `'auto'`, true or false. Default `'auto'`: if the client came over TLS. */
  readonly secure: unknown
  /** Whether scripts cannot read the cookie. Default true. */
  readonly http_only: boolean
  /** Default `lax`. */
  readonly same_site: 'lax' | 'strict' | 'none'
  /** Default `/`. */
  readonly path: string
  /** Default: the host that the client asked for, and no others. */
  readonly domain?: string
  /** Whether each site that embeds this one has a cookie of its own. Default false. */
  readonly partitioned: boolean
}

const token = "^[!#$%&'*+\\-.^_`|~0-9A-Za-z]+$"

/** Checks a `sticky` block. */
export const schema: OptionsSchema<StickyOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    cookie: {
      type: 'string',
      pattern: token,
      'x-gatewright-expected': 'a cookie name',
      description: 'Name of the cookie. Either this or `header` is required.',
    },
    header: {
      type: 'string',
      pattern: token,
      'x-gatewright-expected': 'a header field name',
      description:
        'In place of a cookie: requests with the same value of this field go to the same server. No other key goes with it.',
    },
    mode: {
      type: 'string',
      enum: ['cookie-hash', 'table'],
      default: 'cookie-hash',
      description:
        'What the cookie holds: a keyed hash of the server (`cookie-hash`), or the id of a session in the memory of the gateway (`table`).',
    },
    ttl: {
      duration: { allowZero: true },
      default: '1h',
      description:
        'How long the cookie lives since it was sent last; 0 means until the browser closes.',
    },
    refresh: {
      type: 'boolean',
      default: true,
      description: 'Whether the cookie is sent again when more than half of `ttl` has passed.',
    },
    secret: {
      type: 'string',
      minLength: 16,
      'x-gatewright-secret': true,
      description:
        'Key of the hashes and of the ids, 16 characters or more: the same for all gateways that serve the same clients. Default: a random one, which ends with the gateway.',
    },
    max_sessions: {
      type: 'integer',
      minimum: 1,
      default: 100_000,
      description:
        'With `table`: how many sessions there are at most; a further one takes the place of the one that was idle longest.',
    },
    on_unhealthy: {
      type: 'string',
      enum: ['rebind', 'fail'],
      default: 'rebind',
      description:
        'What becomes of clients whose server is unhealthy: they are bound to another one (`rebind`), or get 503 (`fail`).',
    },
    cookie_on_error: {
      type: 'boolean',
      default: true,
      description: 'Whether answers with a status from 400 on carry the cookie, too.',
    },
    strip_cookie: {
      type: 'boolean',
      default: true,
      description: 'Whether the servers do not get to see the cookie.',
    },
    secure: {
      type: ['boolean', 'string'],
      enum: ['auto', true, false],
      default: 'auto',
      description:
        'Whether the cookie has `Secure`; `auto` means for clients that come over TLS, also to a trusted proxy in front of the gateway.',
    },
    http_only: {
      type: 'boolean',
      default: true,
      description: 'Whether the cookie has `HttpOnly`, so that scripts cannot read it.',
    },
    same_site: {
      type: 'string',
      enum: ['lax', 'strict', 'none'],
      default: 'lax',
      description: '`SameSite` of the cookie; `none` needs `secure = true`.',
    },
    path: {
      type: 'string',
      pattern: '^/[\\x20-\\x3a\\x3c-\\x7e]*$',
      'x-gatewright-expected': 'a path that begins with "/"',
      default: '/',
      description: '`Path` of the cookie.',
    },
    domain: {
      type: 'string',
      format: 'hostname',
      description: '`Domain` of the cookie. Default: none, so that it is for one host only.',
    },
    partitioned: {
      type: 'boolean',
      default: false,
      description:
        'Whether the cookie has `Partitioned`: one for each site that embeds this one; needs `secure = true`.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Each client stays at one server, whichever gateway it comes through',
      hcl: `services "shop" {
  load_balancer {
    servers = [
      { url = "http://127.0.0.1:9001" },
      { url = "http://127.0.0.1:9002" },
    ]
    sticky {
      cookie = "shop_server"
      secret = "a long text that nobody can guess"
      ttl    = "8h"
    }
  }
}
`,
    },
  ],
}
