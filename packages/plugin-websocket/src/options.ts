import type { OptionsSchema } from '@gatewright/kernel'

/** What a `websocket` block of a service says. Times in milliseconds. */
export interface WebSocketOptions {
  /** How long nothing may move in either direction; 0 means for ever. Default 0. */
  readonly idle_timeout: number
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
  ],
}
