import { defineErrors, type ErrorCatalogue, type ErrorKind } from '@gatewright/kernel'

const catalogue = {
  GW_WEBSOCKET_HANDSHAKE: {
    status: 400,
    source: 'client',
    publicMessage: 'Invalid WebSocket handshake',
    message: (p: { problem: string }) => `invalid WebSocket handshake: ${p.problem}`,
  },
  GW_WEBSOCKET_ACCEPT: {
    status: 502,
    source: 'upstream',
    proxyStatus: 'http_protocol_error',
    publicMessage: 'Bad gateway',
    message: () => 'the server accepted another WebSocket key than the one that it was sent',
  },
  GW_WEBSOCKET_EXTENSION: {
    status: 502,
    source: 'upstream',
    proxyStatus: 'http_protocol_error',
    publicMessage: 'Bad gateway',
    message: (p: { name: string }) =>
      `the server has agreed to the WebSocket extension "${p.name}", which it was not offered`,
  },
  GW_WEBSOCKET_REQUIRED: {
    status: 426,
    source: 'client',
    message: () => 'nothing but a WebSocket can be opened here',
  },
  GW_WEBSOCKET_GUARD_TIMEOUT: {
    status: 504,
    source: 'gateway',
    message: (p: { guard: string; timeoutMs: number }) =>
      `channel guard "${p.guard}" did not decide within ${p.timeoutMs} ms`,
  },
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** Why a connection does not become a WebSocket, or its client may not do what it wants. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
