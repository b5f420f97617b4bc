import type { OptionsSchema } from '@gatewright/kernel'

/** Keys of an `entrypoints` block, whatever its protocol. */
export interface TcpFilterOptions {
  /** Connections at once; without it any number. */
  max_connections?: number
  /** Connections of one address at once; without it any number. */
  max_connections_per_ip?: number
  /** Connections let in within a second; without it any number. */
  max_connections_per_second?: number
  /** Who may connect; without it everybody who is not denied. */
  tcp_allowed_ips?: readonly string[]
  /** Who may not connect, even if allowed. */
  tcp_denied_ips?: readonly string[]
  /** Whether refused connections are reset instead of answered. Default false. */
  reset_refused?: boolean
}

const networks = 'addresses, networks such as `10.0.0.0/8` and ranges such as `10.0.0.1-10.0.0.9`'

/** Checks these keys. */
export const schema: OptionsSchema<TcpFilterOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    max_connections: {
      type: 'integer',
      minimum: 1,
      description: 'Connections at once; without it any number.',
    },
    max_connections_per_ip: {
      type: 'integer',
      minimum: 1,
      description:
        'Connections at once of one IPv4 address or one IPv6 network of 64 bits; without it any number.',
    },
    max_connections_per_second: {
      type: 'integer',
      minimum: 1,
      description: 'Connections let in within a second; without it any number.',
    },
    tcp_allowed_ips: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      description: `Who may connect: ${networks}. Without it everybody who is not denied.`,
    },
    tcp_denied_ips: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      description: 'Who may not connect, even if allowed; written in the same way.',
    },
    reset_refused: {
      type: 'boolean',
      description: 'Reset refused connections instead of answering or closing them in order.',
    },
  },
  'x-gatewright-examples': [
    {
      title: 'Bounds for all clients and for each of them',
      hcl: 'entrypoints "web" {\n  address                = "127.0.0.1:8080"\n  max_connections        = 10000\n  max_connections_per_ip = 100\n}\n',
    },
  ],
}
