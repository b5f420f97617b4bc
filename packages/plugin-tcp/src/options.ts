import type { OptionsSchema } from '@gatewright/kernel'

/** The keys of an `entrypoints` block with `protocol = "tcp"`. */
export interface TcpEntrypointOptions {
  /** How long a client may take for its TLS ClientHello, where rules ask for that. */
  hello_timeout: number
}

/** Checks the keys of an `entrypoints` block. */
export const entrypointSchema: OptionsSchema<TcpEntrypointOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    hello_timeout: {
      duration: true,
      default: '5s',
      description:
        'How long a client may take for its TLS ClientHello, where rules ask for one; then it counts as one without.',
    },
  },
}

/** The keys of a `load_balancer` block whose servers have the scheme `tcp`. */
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
  },
}
