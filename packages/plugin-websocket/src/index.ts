/**
 * WebSocket: connections are passed on as they are once the server has accepted the handshake; the
 * `websocket` block of services bounds their silence.
 *
 * @module
 */
import { definePlugin } from '@gatewright/kernel'
import { webSocketUpgrade } from './handshake.ts'
import { webSocketBounds } from './web-socket-bounds.ts'

export { acceptOf, webSocketUpgrade } from './handshake.ts'
export type { WebSocketOptions } from './options.ts'
export { webSocketBounds } from './web-socket-bounds.ts'

export default definePlugin({
  name: '@gatewright/plugin-websocket',
  setup(gateway) {
    gateway.upgrades.register(webSocketUpgrade)
    gateway.serviceFeatures.register(webSocketBounds)
  },
})
