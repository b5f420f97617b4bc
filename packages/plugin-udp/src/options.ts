import type { AnyOptions, OptionsSchema } from '@gatewright/kernel'

/** The keys of an `entrypoints` block with `protocol = "udp"`. */
export interface UdpEntrypointOptions {
  /** Without a datagram in either direction. */
  udp_session_timeout_secs: number
  /** At once. */
  udp_max_sessions: number
  /** For each datagram of the client; then its session ends. */
  udp_responses?: number
}

/** Checks the keys of an `entrypoints` block. */
export const entrypointSchema: OptionsSchema<UdpEntrypointOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    udp_session_timeout_secs: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 86_400,
      default: 30,
      description: 'A session ends after so many seconds without a datagram in either direction.',
    },
    udp_max_sessions: {
      type: 'integer',
      minimum: 1,
      default: 10_000,
      description: 'Sessions at once; datagrams of further clients are dropped.',
    },
    udp_responses: {
      type: 'integer',
      minimum: 1,
      description:
        'A session ends as soon as its client has got so many datagrams for each that it sent: 1 for DNS. Without it, only time ends it.',
    },
  },
}

/** There are no keys for `udp://` servers so far. */
export const transportSchema: OptionsSchema<AnyOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {},
}
