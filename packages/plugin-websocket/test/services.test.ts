import { once } from 'node:events'
import { hang, poolFile, startGateway, startUpstream, type TestGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { refused, speak, startTalker } from './talk.ts'

describe('a service of conversations', () => {
  it('keeps a client at its server by a cookie, which comes with the 101', async () => {
    await using a = await startTalker((socket) => socket.send('a'))
    await using b = await startTalker((socket) => socket.send('b'))
    const balancing = 'sticky {\n cookie = "room"\n }'
    await using gateway = await startGateway(poolFile([a.url, b.url], { balancing }))

    const [cookie, first] = await visit(gateway)
    const served: string[] = []
    for (let i = 0; i < 3; i++) served.push((await visit(gateway, cookie))[1])
    const stranger = (await visit(gateway))[1]

    expect(served).toEqual([first, first, first])
    expect(stranger).not.toBe(first)
  })

  it('counts a conversation at its server as long as it lasts', async () => {
    await using a = await startTalker((socket) => socket.send('a'))
    await using b = await startTalker((socket) => socket.send('b'))
    const balancing = 'strategy = "least-connections"'
    await using gateway = await startGateway(poolFile([a.url, b.url], { balancing }))
    using one = await speak(gateway)
    using two = await speak(gateway)
    const rooms = [await one.hearText(), await two.hearText()]

    one.socket.close()
    await one.ended
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(1))
    using three = await speak(gateway)

    expect(rooms.toSorted()).toEqual(['a', 'b'])
    expect(await three.hearText()).toBe(rooms[0])
    expect(a.open.size + b.open.size).toBe(2)
  })

  it('tries another server if one cannot be reached', async () => {
    await using talker = await startTalker()
    await using gone = await startTalker()
    await gone[Symbol.asyncDispose]()
    const blocks = 'middlewares "again" {\n type = "retry"\n max_retries = 3\n }'
    const middlewares = ['again']
    await using gateway = await startGateway(
      poolFile([gone.url, talker.url], { blocks, middlewares }),
    )

    for (let i = 0; i < 4; i++) (await speak(gateway)).socket.terminate()

    expect(talker.asked).toHaveLength(4)
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('leads to another service while its own servers are sick', async () => {
    await using sick = await startTalker()
    await using spare = await startTalker()
    const { url } = sick
    await sick[Symbol.asyncDispose]()
    const service = 'failover {\n service = "spare"\n }'
    const balancing = 'passive_health {\n error_threshold = 1\n }'
    const blocks = `services "spare" {
      load_balancer { servers = [{ url = "${spare.url}" }] }
      websocket { idle_timeout = "5m" }
    }`
    await using gateway = await startGateway(poolFile([url], { service, balancing, blocks }))

    expect((await refused(gateway)).status).toBe(502)
    using speaker = await speak(gateway)
    speaker.socket.send('hello')

    expect(await speaker.hearText()).toBe('hello')
    expect(spare.asked).toHaveLength(1)
  })

  it('holds failed handshakes against a server, not conversations that end', async () => {
    await using talker = await startTalker((socket) => socket.close(1011))
    const balancing = 'passive_health {\n error_threshold = 1\n }'
    await using gateway = await startGateway(poolFile([talker.url], { balancing }))

    for (let i = 0; i < 3; i++) {
      using speaker = await speak(gateway)
      expect((await speaker.ended).code).toBe(1011)
    }

    expect(talker.asked).toHaveLength(3)
  })

  it('is bounded by request_timeout until it has begun, and by nothing after that', async () => {
    await using talker = await startTalker()
    const balancing =
      'request_timeout = "100ms"\n stream_idle_timeout = "100ms"\n stream_total_timeout = "100ms"'
    await using gateway = await startGateway(poolFile([talker.url], { balancing }))
    using speaker = await speak(gateway)
    await using silent = await startUpstream(hang())
    await using slow = await startGateway(poolFile([silent.url], { balancing }))

    // Takes longer than all of these bounds.
    expect((await refused(slow)).status).toBe(504)
    speaker.socket.send('still here')

    expect(await speaker.hearText()).toBe('still here')
  })
})

describe('an idle conversation', () => {
  it('ends on both sides', async () => {
    const ended = Promise.withResolvers<number>()
    await using talker = await startTalker((socket) => socket.on('close', ended.resolve))
    await using gateway = await startGateway(idleAfter(talker.url, '300ms'))
    using speaker = await speak(gateway)

    expect((await speaker.ended).code).toBe(1006)
    expect(await ended.promise).toBe(1006)
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it.each(['client', 'server'] as const)('goes on while the %s says something', async (who) => {
    const server = Promise.withResolvers<Parameters<typeof say>[0]>()
    await using talker = await startTalker((socket) => server.resolve(socket))
    await using gateway = await startGateway(idleAfter(talker.url, '1s'))
    using speaker = await speak(gateway)
    using other = await speak(gateway)
    const socket = who === 'client' ? speaker.socket : await server.promise
    const timer = setInterval(() => say(socket), 100)

    // The one that is silent measures how long the other one would have had.
    await other.ended
    clearInterval(timer)

    expect(speaker.socket.readyState).toBe(speaker.socket.OPEN)
  })

  it('lives as long as it likes without a bound', async () => {
    await using talker = await startTalker()
    await using gateway = await startGateway(idleAfter(talker.url, '0s'))
    await using bounded = await startGateway(idleAfter(talker.url, '100ms'))
    using speaker = await speak(gateway)
    using other = await speak(bounded)

    await other.ended

    expect(speaker.socket.readyState).toBe(speaker.socket.OPEN)
  })
})

function say(socket: { ping: () => void }): void {
  socket.ping()
}

function idleAfter(url: string, bound: string): string {
  return poolFile([url], { service: `websocket {\n idle_timeout = "${bound}"\n }` })
}

/** One short conversation: the cookie that it brought, and what the server said first. */
async function visit(
  gateway: TestGateway,
  cookie: string = '',
): Promise<[cookie: string, said: string]> {
  const asking = { headers: { cookie } }
  using speaker = await speak(gateway, asking)
  const said = await speaker.hearText()
  speaker.socket.close()
  await once(speaker.socket, 'close')
  return [speaker.cookie, said]
}
