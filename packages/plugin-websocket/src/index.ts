/**
 * WebSocket: connections are passed on as they are once the server has accepted the handshake; the
 * `websocket` block of services bounds their silence.
 *
 * @module
 */
import { definePlugin, figures } from '@gatewright/kernel'
import { webSocketUpgrade } from './handshake.ts'
import { type ChannelGuard, channelGuards } from './mux/channel-guard.ts'
import { channelFigures } from './mux/figures.ts'
import { webSocketFeature } from './web-socket-bounds.ts'

export { acceptOf, webSocketUpgrade } from './handshake.ts'
export type {
  CloseVerdict,
  Conversation,
  ConversationEnd,
  DropVerdict,
  MessageStart,
  MessageWatch,
  MessageWatcher,
  Pass,
  Peer,
  ReplaceVerdict,
  WholeMessage,
} from './messages/message.ts'
export { type MessageFilter, watchMessages } from './messages/watch-messages.ts'
export {
  type ChannelGuard,
  type ChannelRequest,
  channelGuards,
} from './mux/channel-guard.ts'
export type { HubCounts } from './mux/hub.ts'
export { type Channels, channelsOf } from './mux/mux.ts'
export type { MuxOptions } from './mux/options.ts'
export type { ChannelAction } from './mux/session.ts'
export type { WebSocketOptions } from './options.ts'
export { webSocketFeature } from './web-socket-bounds.ts'

export default definePlugin({
  name: '@gatewright/plugin-websocket',
  setup(gateway) {
    gateway.upgrades.register(webSocketUpgrade)
    const guards = gateway.registry(channelGuards)
    const allGuards = (): ChannelGuard[] => guards.types().map((type) => guards.get(type))
    gateway.serviceFeatures.register(webSocketFeature(allGuards))
    for (const figure of channelFigures) gateway.registry(figures).register(figure)
  },
})
