import { recordFigures, startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, echo, named, Peer } from './datagrams.ts'

/** All that fits into a datagram of IPv4. */
const maxBytes = 65_507

describe('a session', () => {
  it('brings the answers of a server to the client that asked', async () => {
    await using server = await Peer.open(echo)
    await using gateway = await startGateway(configFor([server.url]))
    await using first = await Peer.open()
    await using second = await Peer.open()

    first.send('one', gateway.port())
    second.send('two', gateway.port())

    expect([await first.text(), await second.text()]).toEqual(['one', 'two'])
    const senders = [(await server.next()).from.port, (await server.next()).from.port]
    expect(senders[0]).not.toBe(senders[1])
    const { from } = await first.ask('again', gateway.port()).then(() => server.next())
    expect(senders).toContain(from.port)
  })

  it('is told as figures while it goes on, and its datagrams after it', async () => {
    await using server = await Peer.open(echo)
    const recorded = recordFigures()
    const config = configFor([server.url], { entrypoint: { udp_responses: 2 } })
    await using gateway = await startGateway(config, { plugins: [recorded.plugin] })
    await using client = await Peer.open()
    const read = (): unknown => recorded.read(gateway.gateway)
    const flow = 'entrypoint="udp",service="app"'

    await client.ask('one', gateway.port())

    expect(read()).toMatchObject({
      [`udp_sessions{${flow}}`]: 1,
      [`udp_datagrams_total{${flow},direction="received"}`]: 1,
      [`udp_datagrams_total{${flow},direction="sent"}`]: 1,
    })
    await server.next()
    const { from } = await client.ask('two', gateway.port()).then(() => server.next())
    server.send('more', from.port)
    server.send('and more', from.port)
    await vi.waitFor(() => expect(read()).toMatchObject({ [`udp_sessions{${flow}}`]: 0 }))
    expect(read()).toMatchObject({ [`udp_datagrams_total{${flow},direction="sent"}`]: 4 })
    const services = { other: { load_balancer: { servers: [{ url: server.url }] } } }
    await gateway.reload(configFor([], { router: { service: 'other' }, rest: { services } }))
    expect(JSON.stringify(read())).not.toContain('udp_')
  })

  it('keeps to its server, and others get the next one', async () => {
    await using a = await Peer.open(named('a'))
    await using b = await Peer.open(named('b'))
    await using gateway = await startGateway(configFor([a.url, b.url]))
    await using first = await Peer.open()
    await using second = await Peer.open()
    const answers: string[] = []

    for (let i = 0; i < 2; i++) {
      for (const client of [first, second]) {
        client.send('x', gateway.port())
        answers.push(await client.text())
      }
    }

    expect(answers.slice(0, 2).toSorted()).toEqual(['a:x', 'b:x'])
    expect(answers.slice(2)).toEqual(answers.slice(0, 2))
  })

  it('carries empty datagrams, and the longest that there are', async () => {
    await using server = await Peer.open(echo)
    await using gateway = await startGateway(configFor([server.url]))
    await using client = await Peer.open()
    const longest = Buffer.alloc(maxBytes, 'ab')

    client.send('', gateway.port())
    const empty = await client.next()
    client.send(longest, gateway.port())
    const { datagram } = await client.next()

    expect(empty.datagram).toHaveLength(0)
    expect(datagram.equals(longest)).toBe(true)
  })

  it('loses nothing of what comes before its server is known', async () => {
    await using server = await Peer.open(echo)
    await using gateway = await startGateway(configFor([server.url]))
    await using client = await Peer.open()

    for (let i = 0; i < 20; i++) client.send(String(i), gateway.port())
    const answers: string[] = []
    for (let i = 0; i < 20; i++) answers.push(await client.text())

    expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => String(i)))
  })

  it('takes what its server says without being asked, and nothing from others', async () => {
    await using server = await Peer.open()
    await using stranger = await Peer.open()
    await using gateway = await startGateway(configFor([server.url]))
    await using client = await Peer.open()

    client.send('subscribe', gateway.port())
    const { from } = await server.next()
    stranger.send('forged', from.port)
    server.send('news', from.port)
    server.send('more news', from.port)

    expect([await client.text(), await client.text()]).toEqual(['news', 'more news'])
  })

  it('leads from IPv4 to IPv6 and back', async () => {
    await using server = await Peer.open(echo, '::1')
    await using gateway = await startGateway(configFor([server.url]))
    await using client = await Peer.open()

    expect(await client.ask('hello', gateway.port())).toBe('hello')
  })

  it('is one for IPv4 on an entrypoint of all addresses, too', async () => {
    await using server = await Peer.open(echo)
    const router = { middlewares: ['local'] }
    const rest = { middlewares: { local: { type: 'ip-allow', allowed_ips: ['127.0.0.1'] } } }
    const entrypoint = { address: ':0' }
    await using gateway = await startGateway(configFor([server.url], { entrypoint, router, rest }))
    await using client = await Peer.open()

    expect(await client.ask('hello', gateway.port())).toBe('hello')
  })

  it('finds its server by name', async () => {
    await using server = await Peer.open(echo)
    const url = `udp://localhost:${server.port}`
    await using gateway = await startGateway(configFor([url]))
    await using client = await Peer.open()
    const v6 = await Peer.open(echo, '::1', server.port).catch(() => undefined)

    expect(await client.ask('hello', gateway.port())).toBe('hello')
    await v6?.[Symbol.asyncDispose]()
  })

  it('ends once nothing has moved for its time', async () => {
    await using server = await Peer.open(echo)
    const entrypoint = { udp_session_timeout_secs: 0.02 }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))
    await using client = await Peer.open()

    await client.ask('hello', gateway.port())
    expect(gateway.gateway.exchanges).toBe(1)

    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0), { timeout: 5000 })
    expect(gateway.logs.find({ msg: 'session ended', ending: 'idle' })).toMatchObject([
      { received: { datagrams: 1, bytes: 5 }, sent: { datagrams: 1, bytes: 5 } },
    ])
  })

  it.each([
    ['its client', (client: Peer, _: Peer, gateway: number) => client.send('x', gateway)],
    ['its server', (_: Peer, server: Peer, __: number, port: number) => server.send('x', port)],
  ])('lives on while %s says something', async (_who, speak) => {
    await using server = await Peer.open()
    const entrypoint = { udp_session_timeout_secs: 1 }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))
    await using client = await Peer.open()
    client.send('hello', gateway.port())
    const { from } = await server.next()
    await using idle = await Peer.open()
    idle.send('hello', gateway.port())

    const timer = setInterval(() => speak(client, server, gateway.port(), from.port), 50)
    await vi.waitFor(() => expect(ended()).toHaveLength(1), { timeout: 5000 })
    clearInterval(timer)

    expect(ended()).toMatchObject([{ received: { datagrams: 1 }, sent: { datagrams: 0 } }])
    expect(gateway.gateway.exchanges).toBe(1)

    function ended(): readonly unknown[] {
      return gateway.logs.find({ msg: 'session ended' })
    }
  })

  it('ends with its last answer where the number of answers is known', async () => {
    await using server = await Peer.open(echo)
    const entrypoint = { udp_responses: 1 }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))
    await using client = await Peer.open()

    client.send('A?', gateway.port())
    client.send('AAAA?', gateway.port())

    expect([await client.text(), await client.text()].toSorted()).toEqual(['A?', 'AAAA?'])
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    expect(gateway.logs.find({ msg: 'session ended', ending: 'complete' })).not.toHaveLength(0)
  })

  it('resolves names through a DNS server', async () => {
    // Answers each question with the address 192.0.2.1 (RFC 1035 section 4).
    await using server = await Peer.open((question) => {
      const head = Buffer.from(question)
      head.writeUInt16BE(0x8180, 2)
      head.writeUInt16BE(1, 6)
      return [Buffer.concat([head, Buffer.from('c00c00010001000000050004c0000201', 'hex')])]
    })
    const entrypoint = { udp_responses: 1 }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))
    const { Resolver } = await import('node:dns/promises')
    const resolver = new Resolver()
    resolver.setServers([`127.0.0.1:${gateway.port()}`])

    expect(await resolver.resolve4('app.example.com')).toEqual(['192.0.2.1'])
  })
})
