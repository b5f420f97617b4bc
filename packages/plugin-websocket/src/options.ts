import type { OptionsSchema } from '@gatewright/kernel'
import { type MuxOptions, muxSchema } from './mux/options.ts'

/** What a `websocket` block of a service says. Times in milliseconds. */
export interface WebSocketOptions {
  /** How long nothing may move in either direction; 0 means for ever. Default 0. */
  readonly idle_timeout: number
  /** Whether clients are answered here, on named channels, instead of by a server. Default false. */
  readonly mux: boolean | MuxOptions
}

/** Checks a `websocket` block. */
export const schema: OptionsSchema<WebSocketOptions> = {
  type: 'object',
  additionalProperties: false,
  properties: {
    idle_timeout: {
      duration: { allowZero: true },
      default: 0,
      description:
        'How long a WebSocket may be silent in both directions, pings included; then both sides are told its end. 0 means for ever.',
    },
    mux: muxSchema,
  },
  'x-gatewright-examples': [
    {
      title: 'Conversations that end after five minutes of silence',
      hcl: `services "chat" {
  load_balancer {
    strategy = "least-connections"
    servers  = [{ url = "http://127.0.0.1:9001" }]
  }
  websocket {
    idle_timeout = "5m"
  }
}
`,
    },
    {
      title: 'Channels without any server',
      hcl: `services "chat" {
  websocket {
    mux = true
  }
}
`,
    },
  ],
}
