import { setImmediate as nextTurn } from 'node:timers/promises'
import { recordFigures, startGateway, startUpstream, type TestGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { channelsOf } from '../../src/index.ts'
import { ChatClient, type Closing, chatFile } from './chat-client.ts'

describe('a multiplexer', () => {
  it('speaks its protocol, without any server', async () => {
    await using gateway = await startGateway(chatFile())
    using client = await ChatClient.open(gateway.port())

    const answers = await client.ask(
      '_ping',
      '_sub: ch2 ',
      '_sub:ch1',
      '_sub:ch1',
      '_list',
      '_unsub:ch1',
      '_unsub:ch1',
      '_list',
      'hello',
      '_sub:_x',
    )
    // Nothing comes of the first, since its channel was left.
    client.say('ch1:lost', 'ch2:hello world', '_ping')

    expect(answers).toEqual([
      '_pong',
      '_ok:subscribed to ch2',
      '_ok:subscribed to ch1',
      '_ok:already subscribed to ch1',
      '_channels:["ch1","ch2"]',
      '_ok:unsubscribed from ch1',
      '_ok:not subscribed to ch1',
      '_channels:["ch2"]',
      '_error:invalid message format',
      '_error:invalid channel',
    ])
    expect(await client.take(2)).toEqual(['ch2:hello world', '_pong'])
  })

  it('refuses the 65th channel', async () => {
    await using gateway = await startGateway(chatFile())
    using client = await ChatClient.open(gateway.port())
    const names = Array.from({ length: 64 }, (_, i) => `ch${i}`)

    await client.ask(...names.map((name) => `_sub:${name}`))
    const [last, list] = await client.ask('_sub:ch64', '_list')

    expect(last).toBe('_error:max channels (64) reached')
    expect(list).toBe(`_channels:${JSON.stringify(names.toSorted())}`)
  })

  it('brings what one client publishes to all who have subscribed', async () => {
    await using gateway = await startGateway(chatFile())
    using one = await ChatClient.open(gateway.port())
    using other = await ChatClient.open(gateway.port())
    using third = await ChatClient.open(gateway.port())
    await one.ask('_sub:data')
    await other.ask('_sub:data')
    await third.ask('_sub:more')

    one.say('data:hello world')
    other.say('data:{"a":1}')
    const heard = [await one.take(1), await other.take(1)]
    third.say('_ping')

    expect(heard).toEqual([['data:hello world'], ['data:hello world']])
    expect([await one.next(), await other.next()]).toEqual(['data:{"a":1}', 'data:{"a":1}'])
    expect(await third.next()).toBe('_pong')
  })

  it('answers plain requests only if there are servers for them', async () => {
    await using upstream = await startUpstream()
    await using alone = await startGateway(chatFile())
    const servers = `load_balancer {\nservers = [{ url = "${upstream.url}" }]\n}`
    await using both = await startGateway(chatFile('mux = true', servers))
    using client = await ChatClient.open(both.port())

    const refused = await alone.request('/chat')
    const served = await both.request('/page')

    expect(refused.status).toBe(426)
    expect(refused.headers['upgrade']).toBe('websocket')
    expect(refused.json()).toMatchObject({ code: 'GW_WEBSOCKET_REQUIRED' })
    expect(served.status).toBe(200)
    expect(await client.ask('_ping')).toEqual(['_pong'])
    expect(upstream.requests).toHaveLength(1)
  })

  it('closes a connection that says too much at once, or no text', async () => {
    await using gateway = await startGateway(chatFile())
    using longest = await ChatClient.open(gateway.port())
    using tooLong = await ChatClient.open(gateway.port())
    using binary = await ChatClient.open(gateway.port())
    await longest.ask('_sub:a')

    longest.say(`a:${'x'.repeat(65_534)}`)
    tooLong.say(`a:${'x'.repeat(65_535)}`)
    binary.socket.send(Buffer.from('_ping'))

    expect((await longest.next()).length).toBe(65_536)
    expect(await tooLong.closed).toMatchObject({ code: 1009 })
    expect(await binary.closed).toEqual({ code: 1003, reason: 'text frames only' })
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(1))
  })

  it('answers so many messages only', async () => {
    await using gateway = await startGateway(chatFile('mux {\nrate = 1\nburst = 3\n}'))
    using client = await ChatClient.open(gateway.port())

    const answers = await client.ask('_ping', '_ping', '_ping', '_ping')

    expect(answers).toEqual(['_pong', '_pong', '_pong', '_error:rate limit exceeded'])
  })

  it('loses the oldest messages for a client that does not read', async () => {
    const recorded = recordFigures()
    const config = chatFile('mux {\nrate = 0\n}')
    await using gateway = await startGateway(config, { plugins: [recorded.plugin] })
    using slow = await ChatClient.open(gateway.port())
    using quick = await ChatClient.open(gateway.port())
    await slow.ask('_sub:data')
    await quick.ask('_sub:data')
    slow.socket.pause()

    // More than the buffers of the system hold.
    const filling = 'x'.repeat(60_000)
    for (let i = 0; i < 600; i++) {
      quick.say(`data:${i} ${filling}`)
      await quick.next()
    }
    slow.socket.resume()
    quick.say('data:last')
    const heard: number[] = []
    for (let text = await slow.next(); text !== 'data:last'; text = await slow.next()) {
      heard.push(Number.parseInt(text.slice(5), 10))
    }

    expect(heard).toEqual(heard.toSorted((a, b) => a - b))
    expect(heard[0]).toBe(0)
    expect(heard.at(-1)).toBe(599)
    expect(heard.length).toBeLessThan(600)
    expect(recorded.read(gateway.gateway)).toMatchObject({
      'websocket_channels{service="chat"}': 1,
      'websocket_subscriptions{service="chat"}': 2,
      'websocket_published_total{service="chat"}': 601,
      'websocket_lost_total{service="chat"}': 600 - heard.length,
    })
  })

  it('cuts off a client that goes on asking without reading the answers', async () => {
    await using gateway = await startGateway(chatFile('mux {\nrate = 0\n}'))
    using client = await ChatClient.open(gateway.port())
    // A list of eight kilobytes, for eleven bytes each.
    const names = Array.from({ length: 64 }, (_, i) => String(i).padEnd(128, '.'))
    await client.ask(...names.map((name) => `_sub:${name}`))
    client.socket.pause()

    for (let i = 0; i < 20_000; i++) client.say('_list')

    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0), { timeout: 10_000 })
    expect(channels(gateway)?.counts).toMatchObject({ channels: 0, subscriptions: 0 })
  })

  it('closes a connection that does not answer pings', async () => {
    await using gateway = await startGateway(chatFile('mux {\nping_interval = "50ms"\n}'))
    using alive = await ChatClient.open(gateway.port())
    using dead = await ChatClient.open(gateway.port())
    await dead.ask('_sub:a')
    dead.socket.pause()

    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(1), { timeout: 5000 })

    expect(await alive.ask('_ping')).toEqual(['_pong'])
    expect(channels(gateway)?.counts).toMatchObject({ channels: 0, subscriptions: 0 })
  })

  it('tells a client to go that has said and heard nothing for too long', async () => {
    await using gateway = await startGateway(
      chatFile('idle_timeout = "400ms"\nmux {\nping_interval = "50ms"\n}'),
    )
    using silent = await ChatClient.open(gateway.port())
    using listening = await ChatClient.open(gateway.port())
    await listening.ask('_sub:news')

    const closing = silent.closed.then((how) => ({ how }))
    let closed: { how: Closing } | undefined
    while (closed === undefined) {
      channels(gateway)?.publish('news', 'tick')
      await listening.next()
      closed = await Promise.race([closing, nextTurn(undefined)])
    }

    expect(closed.how).toEqual({ code: 1001, reason: 'idle' })
    expect(await listening.ask('_list')).toEqual(['_channels:["news"]'])
  })

  it('forgets a client that has gone, and channels without any', async () => {
    await using gateway = await startGateway(chatFile())
    using one = await ChatClient.open(gateway.port())
    using other = await ChatClient.open(gateway.port())
    await one.ask('_sub:a', '_sub:b')
    await other.ask('_sub:b')

    one.socket.terminate()
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(1))
    const left = channels(gateway)?.counts
    other.socket.close(4001, 'bye')
    const closing = await other.closed
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))

    expect(left).toMatchObject({ channels: 1, subscriptions: 1 })
    expect(closing).toEqual({ code: 4001, reason: 'bye' })
    expect(channels(gateway)?.counts).toMatchObject({ channels: 0, subscriptions: 0 })
  })

  it('lets plugins publish, and tells how many that reaches', async () => {
    await using gateway = await startGateway(chatFile())
    using client = await ChatClient.open(gateway.port())
    await client.ask('_sub:news')

    const reached = channels(gateway)?.publish('news', 'it is raining')

    expect(reached).toBe(1)
    expect(channels(gateway)?.publish('other', 'x')).toBe(0)
    expect(await client.next()).toBe('news:it is raining')
  })
})

describe('a multiplexer over a reload', () => {
  it('keeps its connections and channels if it is not concerned', async () => {
    await using gateway = await startGateway(chatFile())
    using client = await ChatClient.open(gateway.port())
    await client.ask('_sub:data')

    for (let i = 0; i < 20; i++) {
      await gateway.reload(`${chatFile()}\n${unrelated(i)}`)
      using other = await ChatClient.open(gateway.port())
      await other.ask('_sub:data')
      other.say(`data:${i}`)
      expect(await client.next()).toBe(`data:${i}`)
    }

    expect(gateway.gateway.liveSnapshots).toBe(1)
  })

  it('tells clients to go if it is another one, to which they may come back', async () => {
    await using gateway = await startGateway(chatFile())
    using client = await ChatClient.open(gateway.port())
    await client.ask('_sub:data')

    await gateway.reload(chatFile('mux {\necho = false\n}'))
    const closing = await client.closed
    using again = await ChatClient.open(gateway.port())

    expect(closing).toEqual({ code: 1001, reason: 'going away' })
    expect(await again.ask('_list')).toEqual(['_channels:[]'])
    await vi.waitFor(() => expect(gateway.gateway.liveSnapshots).toBe(1))
  })

  it('tells all clients to go when the gateway stops', async () => {
    await using gateway = await startGateway(chatFile())
    const clients = await Promise.all([1, 2, 3].map(() => ChatClient.open(gateway.port())))

    await gateway.gateway.shutdown()

    for (const { closed } of clients) {
      expect(await closed).toEqual({ code: 1001, reason: 'going away' })
    }
  })
})

function unrelated(i: number): string {
  return `services "other-${i}" {
    load_balancer {
      servers = [{ url = "http://127.0.0.1:1" }]
    }
  }`
}

function channels({ gateway }: TestGateway): ReturnType<typeof channelsOf> {
  const service = gateway.snapshot.services.get('chat')
  return service && channelsOf(service)
}
