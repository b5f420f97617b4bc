import type { OptionsSchema } from '@gatewright/kernel'

/** What a `middlewares` block of type `redirect` says. What it does not say stays as it is. */
export interface RedirectOptions {
  /** Scheme of the new URL. */
  readonly scheme?: 'http' | 'https'
  /** Host of the new URL, without a port. */
  readonly host?: string
  /** Port of the new URL. Default that of the scheme if the scheme or the host changes. */
  readonly port?: number
  /** Path of the new URL; the query stays. */
  readonly path?: string
  /** Status of the answer: 301, 302, 303, 307 or 308. Default 307. */
  readonly status: number
}

/** Checks a block of type `redirect`. */
export const schema: OptionsSchema<RedirectOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    scheme: {
      type: 'string',
      enum: ['http', 'https'],
      description: 'Scheme of the new URL; without it the same.',
    },
    host: {
      type: 'string',
      pattern: '^(?:[A-Za-z0-9._\\-]+|\\[[0-9A-Fa-f:.]+\\])$',
      'x-gatewright-expected': 'a host name or an IP address, without a port',
      description: 'Host of the new URL, without a port; without it the same.',
    },
    port: {
      type: 'integer',
      minimum: 1,
      maximum: 65_535,
      description:
        'Port of the new URL; without it that of the scheme if scheme or host change, else the same.',
    },
    path: {
      type: 'string',
      pattern: '^/[!$-;=@-Z\\[\\]_a-z~]*$',
      'x-gatewright-expected': 'a path that begins with "/", without a query',
      description: 'Path of the new URL, which keeps the query; without it the same.',
    },
    status: {
      type: 'integer',
      minimum: 301,
      maximum: 308,
      default: 307,
      description:
        'Status of the answer, 301, 302, 303, 307 or 308: 301 and 308 are remembered by browsers, 307 and 308 keep method and body.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Everybody to TLS',
      hcl: 'middlewares "tls-only" {\n  type   = "redirect"\n  scheme = "https"\n  status = 308\n}\n',
    },
    {
      title: 'One name for a site',
      hcl: 'middlewares "one-name" {\n  type   = "redirect"\n  host   = "www.example.com"\n  status = 301\n}\n',
    },
  ],
}
