import type { Figure } from '@gatewright/kernel'
import type { HubCounts } from './hub.ts'
import { channelsOf } from './mux.ts'

/** What is going on on the channels of multiplexers. */
export const channelFigures: readonly Figure[] = [
  figure('websocket_channels', 'gauge', 'Channels that somebody listens to', 'channels'),
  figure('websocket_subscriptions', 'gauge', 'Subscriptions to channels', 'subscriptions'),
  figure('websocket_published_total', 'counter', 'Messages published to channels', 'published'),
  figure('websocket_lost_total', 'counter', 'Messages that slow clients did not get', 'lost'),
]

function figure(type: string, kind: Figure['kind'], help: string, count: keyof HubCounts): Figure {
  return {
    type,
    kind,
    help,
    labels: ['service'],
    read: ({ services }) =>
      [...services.values()].flatMap((service) => {
        const channels = channelsOf(service)
        if (channels === undefined) return []
        return [{ labels: [service.name], value: channels.counts[count] }]
      }),
  }
}
