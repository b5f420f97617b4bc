import { definePlugin, type Plugin } from '@gatewright/kernel'
import { startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { type ChannelGuard, channelGuards } from '../../src/index.ts'
import { ChatClient, chatFile } from './chat-client.ts'

describe('a channel guard', () => {
  it('decides who may subscribe and publish, and knows who asks', async () => {
    const guard: ChannelGuard = {
      type: 'staff-only',
      allows: ({ action, channel, ctx }) =>
        !channel.startsWith('staff/') ||
        (ctx.request.headers.get('x-role') === 'staff' && action === 'subscribe'),
    }
    await using gateway = await startGateway(chatFile(), { plugins: [guarded(guard)] })
    using staff = await ChatClient.open(gateway.port(), { 'X-Role': 'staff' })
    using stranger = await ChatClient.open(gateway.port())

    const allowed = await staff.ask('_sub:staff/news', 'staff/news:hello', '_sub:public')
    const refused = await stranger.ask('_sub:staff/news', '_sub:public', '_list')

    expect(allowed).toEqual([
      '_ok:subscribed to staff/news',
      '_error:not allowed to publish to staff/news',
      '_ok:subscribed to public',
    ])
    expect(refused).toEqual([
      '_error:not allowed to subscribe to staff/news',
      '_ok:subscribed to public',
      '_channels:["public"]',
    ])
  })

  it('may take its time, during which the messages of its client wait, in order', async () => {
    const asked: { readonly channel: string; readonly answer: (allowed: boolean) => void }[] = []
    const guard: ChannelGuard = {
      type: 'slow',
      allows: ({ channel }) =>
        new Promise((resolve) => {
          asked.push({ channel, answer: resolve })
        }),
    }
    await using gateway = await startGateway(chatFile(), { plugins: [guarded(guard)] })
    using client = await ChatClient.open(gateway.port())
    using other = await ChatClient.open(gateway.port())

    client.say('_sub:a', '_sub:b', '_list')
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    const meanwhile = await other.ask('_ping')
    asked[0]?.answer(true)
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    asked[1]?.answer(false)

    expect(meanwhile).toEqual(['_pong'])
    expect(await client.take(3)).toEqual([
      '_ok:subscribed to a',
      '_error:not allowed to subscribe to b',
      '_channels:["a"]',
    ])
  })

  it('that fails refuses, and the log says so', async () => {
    const guard: ChannelGuard = {
      type: 'broken',
      allows: () => {
        throw new Error('no idea')
      },
    }
    await using gateway = await startGateway(chatFile(), { plugins: [guarded(guard)] })
    using client = await ChatClient.open(gateway.port())

    expect(await client.ask('_sub:a')).toEqual(['_error:not allowed to subscribe to a'])
    expect(gateway.logs.find({ msg: 'channel guard failed', guard: 'broken' })).toHaveLength(1)
  })
})

function guarded(guard: ChannelGuard): Plugin<undefined> {
  return definePlugin({
    name: guard.type,
    setup: (gateway) => gateway.registry(channelGuards).register(guard),
  })
}
