import type { OptionsSchema } from '@gatewright/kernel'
import {
  type TlsOptions,
  tlsSchema,
  type UpstreamTlsOptions,
  upstreamTlsSchema,
} from '@gatewright/tls'

/** Which peers begin with a PROXY header. */
export interface ProxyProtocolOptions {
  /** Addresses and networks of the proxies that do, and are believed. */
  trusted_ips: string[]
  /** Everybody does, and is believed. */
  insecure: boolean
  /** How long a proxy may take for it. */
  timeout: number
}

/** The keys of an `entrypoints` block with `protocol = "tcp"`. */
export interface TcpEntrypointOptions {
  /** Without it, nobody begins with a PROXY header. */
  proxy_protocol?: ProxyProtocolOptions
  /** Connections are decrypted here; without it, they are passed on as they are. */
  tls?: TlsOptions
  /** How long a client may take for its TLS ClientHello, where rules ask for that. */
  hello_timeout: number
}

/** Checks the keys of an `entrypoints` block. */
export const entrypointSchema: OptionsSchema<TcpEntrypointOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    tls: tlsSchema,
    proxy_protocol: {
      type: 'object',
      additionalProperties: false,
      description: 'Which peers begin with a PROXY header (version 1 or 2).',
      properties: {
        trusted_ips: {
          type: 'array',
          items: { type: 'string', format: 'cidr' },
          default: [],
          description: 'Addresses and networks of the proxies that must begin with one.',
        },
        insecure: {
          type: 'boolean',
          default: false,
          description: 'Everybody must begin with one, and is believed.',
        },
        timeout: {
          duration: true,
          default: '5s',
          description: 'How long a proxy may take for it.',
        },
      },
    },
    hello_timeout: {
      duration: true,
      default: '5s',
      description:
        'How long a client may take for its TLS ClientHello, where rules ask for one; then it counts as one without.',
    },
  },
}

/** The keys of a `load_balancer` block whose servers have the scheme `tcp` or `tls`. */
export interface TcpTransportOptions {
  /** To connect to a server, each. */
  connect_timeout: number
  /** How many more servers are tried after one that cannot be reached; without it all. */
  connect_retries?: number
  /** Without a byte in either direction; 0 means without a bound. */
  idle_timeout: number
  /** The same once one side has sent its last byte. */
  half_close_timeout: number
  /** From connecting to the end; 0 means without a bound. */
  total_timeout: number
  /** Tell the servers who the client is; without it, they are not told. */
  proxy_protocol?: 'v1' | 'v2'
  /** How servers with `tls://` are recognised; without it, by what the system trusts. */
  upstream_tls?: UpstreamTlsOptions
}

/** Checks the keys of a `load_balancer` block. */
export const transportSchema: OptionsSchema<TcpTransportOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    connect_timeout: {
      duration: true,
      default: '5s',
      description: 'To connect to a server; then another one is tried.',
    },
    connect_retries: {
      type: 'integer',
      minimum: 0,
      description:
        'How many more servers are tried after one that cannot be reached; without it all of them, each once.',
    },
    idle_timeout: {
      duration: { allowZero: true },
      default: 0,
      description:
        'Without a byte in either direction; then both connections are reset. 0 means without a bound.',
    },
    half_close_timeout: {
      duration: true,
      default: '30s',
      description: 'The same once one side has sent its last byte.',
    },
    total_timeout: {
      duration: { allowZero: true },
      default: 0,
      description: 'From connecting to the end of the connection; 0 means without a bound.',
    },
    upstream_tls: upstreamTlsSchema,
    proxy_protocol: {
      type: 'string',
      enum: ['v1', 'v2'],
      description:
        'Begin each connection with a PROXY header of this version, which tells the server the addresses of the client.',
    },
  },
}
