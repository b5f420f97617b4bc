import type { OptionsSchema } from '@gatewright/kernel'

/** Keys of an `entrypoints` block, whatever its protocol. */
export interface TcpFilterOptions {
  /** Connections at once; without it any number. */
  max_connections?: number
  /** Connections of one address at once; without it any number. */
  max_connections_per_ip?: number
}

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
  },
}
