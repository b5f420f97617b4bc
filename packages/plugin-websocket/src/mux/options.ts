import type { PropertySchema } from '@gatewright/kernel'

/** What `mux` in a `websocket` block says. */
export interface MuxOptions {
  /** Whether whoever publishes gets the message as well, like every other subscriber. Default true. */
  readonly echo: boolean
  /** Channels that one connection may subscribe to. Default 64. */
  readonly max_channels: number
  /** A frame's size in bytes; above it the connection is closed with 1009. Default 65536. */
  readonly max_frame_bytes: number
  /** Messages of one channel that wait for a slow connection. Default 256. */
  readonly buffer: number
  /** What waits for one slow connection, of all channels together, in bytes. Default 1 MiB. */
  readonly max_buffered_bytes: number
  /** Frames a second that one connection may send; 0 means any number. Default 100. */
  readonly rate: number
  /** How many it may send at once. Default 200. */
  readonly burst: number
  /** Between two pings, of which each must be answered before the next, in milliseconds; 0 for none. */
  readonly ping_interval: number
}

/** The same, with what the `websocket` block says besides. */
export interface MuxSettings extends MuxOptions {
  /** How long no message may go either way, in milliseconds; 0 means for ever. */
  readonly idle_timeout: number
}

/** What `mux = true` means. */
export const defaultMux: MuxOptions = {
  echo: true,
  max_channels: 64,
  max_frame_bytes: 65_536,
  buffer: 256,
  max_buffered_bytes: 1_048_576,
  rate: 100,
  burst: 200,
  ping_interval: 30_000,
}

/** Checks `mux`. */
export const muxSchema: PropertySchema<boolean | MuxOptions> = {
  type: ['boolean', 'object'],
  additionalProperties: false,
  default: false,
  description:
    'Answer clients here instead of passing them on: they subscribe to named channels and publish to them. `true` stands for a block with the defaults.',
  properties: {
    echo: {
      type: 'boolean',
      default: defaultMux.echo,
      description: 'Whoever publishes gets the message as well, like every other subscriber.',
    },
    max_channels: {
      type: 'integer',
      minimum: 1,
      default: defaultMux.max_channels,
      description: 'Channels that one connection may subscribe to.',
    },
    max_frame_bytes: {
      bytes: true,
      default: '64KiB',
      description: 'Size of a message; above it the connection is closed with 1009.',
    },
    buffer: {
      type: 'integer',
      minimum: 1,
      default: defaultMux.buffer,
      description:
        'Messages of one channel that wait for a connection that is slow to take them; above it the oldest are lost.',
    },
    max_buffered_bytes: {
      bytes: true,
      default: '1MiB',
      description: 'The same for all channels of a connection together.',
    },
    rate: {
      type: 'integer',
      minimum: 0,
      default: defaultMux.rate,
      description: 'Messages a second that one connection may send on average; 0 means any number.',
    },
    burst: {
      type: 'integer',
      minimum: 1,
      default: defaultMux.burst,
      description: 'How many it may send at once.',
    },
    ping_interval: {
      duration: { allowZero: true },
      default: '30s',
      description:
        'Between two pings. A connection that has not answered one by the next is closed; 0 means that there are none.',
    },
  },
}
