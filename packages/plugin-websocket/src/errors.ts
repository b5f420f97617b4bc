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
} as const satisfies Readonly<Record<`GW_${string}`, ErrorKind<never>>>

/** Why a connection does not become a WebSocket. */
export const errors: ErrorCatalogue<typeof catalogue> = defineErrors(catalogue)
