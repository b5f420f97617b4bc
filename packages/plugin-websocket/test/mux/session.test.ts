import { describe, expect, it } from 'vitest'
import { Hub } from '../../src/mux/hub.ts'
import { type Permission, Session, type SessionHost } from '../../src/mux/session.ts'

describe('a client of the multiplexer', () => {
  it.each<[what: string, frames: readonly string[], replies: readonly string[]]>([
    ['subscribes', ['_sub:news'], ['_ok:subscribed to news']],
    ['subscribes with spaces around', ['_sub:  news \t'], ['_ok:subscribed to news']],
    [
      'subscribes again',
      ['_sub:news', '_sub:news'],
      ['_ok:subscribed to news', '_ok:already subscribed to news'],
    ],
    [
      'unsubscribes',
      ['_sub:news', '_unsub:news'],
      ['_ok:subscribed to news', '_ok:unsubscribed from news'],
    ],
    ['unsubscribes from nothing', ['_unsub:news'], ['_ok:not subscribed to news']],
    ['pings', ['_ping'], ['_pong']],
    ['lists nothing', ['_list'], ['_channels:[]']],
    [
      'lists its channels, sorted',
      ['_sub:ch2', '_sub:ch1', '_list'],
      ['_ok:subscribed to ch2', '_ok:subscribed to ch1', '_channels:["ch1","ch2"]'],
    ],
    ['says something else', ['hello'], ['_error:invalid message format']],
    ['says nothing', [''], ['_error:invalid message format']],
    ['publishes without having subscribed', ['data:hello world'], []],
    ['publishes to no channel', [':hello'], []],
    ['publishes to what can be no channel', ['_other:hello'], []],
    ['names no channel', ['_sub:'], ['_error:invalid channel']],
    ['names one that begins like a command', ['_sub:_ping'], ['_error:invalid channel']],
    ['names one with a colon', ['_sub:a:b'], ['_error:invalid channel']],
    ['names one that is too long', [`_sub:${'x'.repeat(129)}`], ['_error:invalid channel']],
    ['names the longest', [`_sub:${'x'.repeat(128)}`], [`_ok:subscribed to ${'x'.repeat(128)}`]],
    ['names one with spaces in it', ['_sub:a b'], ['_ok:subscribed to a b']],
    ['names one like a property', ['_sub:__proto__'], ['_error:invalid channel']],
    ['names one like another property', ['_sub:constructor'], ['_ok:subscribed to constructor']],
    ['leaves what can be no channel', ['_unsub:_ping'], ['_error:invalid channel']],
  ])('that %s is answered', (_what, frames, replies) => {
    const client = new Client(new Hub())

    for (const frame of frames) void client.session.take(frame)

    expect(client.replies).toEqual(replies)
  })

  it('may subscribe to 64 channels, and is told so before it is told that it has one', () => {
    const client = new Client(new Hub())
    for (let i = 0; i < 64; i++) void client.session.take(`_sub:ch${i}`)
    client.replies.length = 0

    void client.session.take('_sub:ch64')
    void client.session.take('_sub:ch0')
    void client.session.take('_unsub:ch0')
    void client.session.take('_sub:ch64')

    expect(client.replies).toEqual([
      '_error:max channels (64) reached',
      '_error:max channels (64) reached',
      '_ok:unsubscribed from ch0',
      '_ok:subscribed to ch64',
    ])
  })

  it('reaches everybody who has subscribed, itself included, with what stands behind the first colon', () => {
    const hub = new Hub()
    const [one, other, third] = [new Client(hub), new Client(hub), new Client(hub)]
    void one.session.take('_sub:data')
    void other.session.take('_sub:data')
    void third.session.take('_sub:more')

    void one.session.take('data:hello world')
    void other.session.take('data:a:b:c')
    void one.session.take('data:')

    const all = ['data:hello world', 'data:a:b:c', 'data:']
    expect([one.delivered, other.delivered, third.delivered]).toEqual([all, all, []])
  })

  it('does not hear itself without an echo', () => {
    const hub = new Hub()
    const one = new Client(hub, { echo: false })
    const other = new Client(hub, { echo: false })
    void one.session.take('_sub:data')
    void other.session.take('_sub:data')

    void one.session.take('data:hello')

    expect([one.delivered, other.delivered]).toEqual([[], ['data:hello']])
  })

  it('leaves its channels when it goes, which are then gone', () => {
    const hub = new Hub()
    const one = new Client(hub)
    const other = new Client(hub)
    for (const channel of ['a', 'b']) void one.session.take(`_sub:${channel}`)
    void other.session.take('_sub:b')
    const before = hub.counts

    one.session.close()

    expect(before).toMatchObject({ channels: 2, subscriptions: 3 })
    expect(hub.counts).toMatchObject({ channels: 1, subscriptions: 1 })
    expect(hub.publish('a', 'x')).toBe(0)
    expect(hub.publish('b', 'x')).toBe(1)
  })

  it('is told what it may not do', () => {
    const hub = new Hub()
    const client = new Client(hub, { permits: (action) => action === 'subscribe' })
    const stranger = new Client(hub, { permits: () => false })

    void client.session.take('_sub:data')
    void client.session.take('data:hello')
    void stranger.session.take('_sub:data')

    expect(client.replies).toEqual([
      '_ok:subscribed to data',
      '_error:not allowed to publish to data',
    ])
    expect(client.delivered).toEqual([])
    expect(stranger.replies).toEqual(['_error:not allowed to subscribe to data'])
    expect(hub.counts.subscriptions).toBe(1)
  })

  it('subscribes to nothing if it has gone before anybody could say whether it may', async () => {
    const hub = new Hub()
    const asked = Promise.withResolvers<boolean>()
    const client = new Client(hub, { permits: () => asked.promise })

    const pending = client.session.take('_sub:data')
    client.session.close()
    asked.resolve(true)
    await pending

    expect(client.replies).toEqual([])
    expect(hub.counts).toMatchObject({ channels: 0, subscriptions: 0 })
  })
})

interface ClientOptions {
  readonly echo?: boolean
  readonly permits?: (action: string) => Permission
}

class Client implements SessionHost {
  readonly replies: string[] = []
  readonly delivered: string[] = []
  readonly session: Session
  readonly permits: SessionHost['permits']

  constructor(hub: Hub, { echo = true, permits = () => true }: ClientOptions = {}) {
    this.permits = permits
    this.session = new Session(hub, this, { maxChannels: 64, echo })
  }

  reply(text: string): void {
    this.replies.push(text)
  }

  deliver(_channel: string, frame: Buffer): void {
    this.delivered.push(frame.toString())
  }
}
