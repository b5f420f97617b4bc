import { consumerKey } from '@gatewright/identity'
import { definePlugin } from '@gatewright/kernel'
import { type ChannelGuard, channelGuards } from '@gatewright/plugin-websocket'

/** Everybody may listen to `alice/…`, but only alice has a say there. */
const rooms: ChannelGuard = {
  type: 'rooms',
  allows: ({ action, channel, ctx }) =>
    action === 'subscribe' || channel.startsWith(`${ctx.get(consumerKey)?.name}/`),
}

export default definePlugin({
  name: 'rooms',
  setup(gateway) {
    gateway.registry(channelGuards).register(rooms)
  },
})
