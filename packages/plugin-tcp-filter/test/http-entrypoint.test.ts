import { definePlugin } from '@gatewright/kernel'
import { hang, type RawClient, request, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import {
  answerTo,
  configFor,
  connectFrom,
  expectServed,
  firstLine,
  roomFor,
  served,
  statusOf,
} from './entrypoint.ts'

describe('max_connections', () => {
  it('refuses the connection above it with 503, before it has sent anything', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configFor(upstream, { max_connections: 2 }))
    using first = await served(gateway)
    using second = await served(gateway)

    using third = await gateway.connect()
    const response = await third.readResponse()

    expect(response.status).toBe(503)
    expect(response.headers).toMatchObject({
      connection: 'close',
      'retry-after': '1',
      'content-type': 'application/problem+json',
    })
    expect(response.json()).toMatchObject({
      code: 'GW_TCP_FILTER_FULL',
      error: 'Too many connections',
    })
    expect(await third.closed()).toBe('end')
    await expectServed(first)
    await expectServed(second)
  })

  it('gives a client that has sent a request its answer, however large that is', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configFor(upstream, { max_connections: 1 }))
    using first = await served(gateway)

    const body = Buffer.alloc(256 * 1024)
    const response = await gateway.request('/', { method: 'POST', body })

    expect(response.status).toBe(503)
    expect(upstream.requests).toHaveLength(1)
    await expectServed(first)
  })

  it.each([
    ['FIN', (client: RawClient) => client.end()],
    ['RST', (client: RawClient) => client.reset()],
  ])('has room again once a connection ends with %s', async (_how, leave) => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configFor(upstream, { max_connections: 1 }))

    for (let round = 0; round < 5; round++) {
      using client = await served(gateway)
      expect((await gateway.request('/')).status).toBe(503)
      leave(client)
      await roomFor(gateway)
    }
  })

  it('counts exactly, however many come and go', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configFor(upstream, { max_connections: 10 }))

    for (let round = 0; round < 5; round++) {
      const clients = await Promise.all(Array.from({ length: 40 }, () => gateway.connect()))
      const answers = await Promise.all(clients.map((client) => statusOf(client)))
      for (const client of clients) client.reset()

      expect(answers.filter((status) => status === 200)).toHaveLength(10)
      expect(answers.filter((status) => status === 503)).toHaveLength(30)
      await roomFor(gateway)
      await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    }
  })

  it('gives a connection back that something else refuses', async () => {
    await using upstream = await startUpstream()
    let refusing = true
    const gate = definePlugin({
      name: 'gate',
      setup: ({ hooks }) =>
        hooks.connection.tap('gate', () => (refusing ? { reason: 'closed today' } : undefined)),
    })
    await using gateway = await startGateway(configFor(upstream, { max_connections: 1 }), {
      plugins: [gate],
    })
    for (let i = 0; i < 3; i++) {
      using client = await gateway.connect()
      await client.closed()
    }

    refusing = false

    expect((await gateway.request('/')).status).toBe(200)
  })

  it('goes on counting over a reload, and applies the new limit', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configFor(upstream, { max_connections: 3 }))
    using first = await served(gateway)
    using second = await served(gateway)

    await gateway.reload(configFor(upstream, { max_connections: 2 }))
    expect((await gateway.request('/')).status).toBe(503)
    first.end()
    await roomFor(gateway)
    await gateway.reload(configFor(upstream, {}))

    expect((await gateway.request('/')).status).toBe(200)
    await expectServed(second)
  })

  it('does not concern other entrypoints', async () => {
    await using upstream = await startUpstream()
    const config = configFor(upstream, { max_connections: 1 })
    const other = { address: '127.0.0.1:0', max_connections: 1 }
    const entrypoints = { ...config.entrypoints, other }
    await using gateway = await startGateway({ ...config, entrypoints })
    using first = await served(gateway)

    expect((await request(`${gateway.url('other')}/`)).status).toBe(200)
    await expectServed(first)
  })

  it('is shared out among the processes of one gateway', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configFor(upstream, { max_connections: 3 }), {
      share: 0.5,
    })
    using first = await served(gateway)
    using second = await served(gateway)

    expect((await gateway.request('/')).status).toBe(503)
    await expectServed(first)
    await expectServed(second)
  })

  it('is logged once a second at most, with how many there were', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      await using upstream = await startUpstream(hang())
      await using gateway = await startGateway(configFor(upstream, { max_connections: 1 }))
      using first = await gateway.connect()

      for (let i = 0; i < 4; i++) expect((await gateway.request('/')).status).toBe(503)
      vi.advanceTimersByTime(1000)
      expect((await gateway.request('/')).status).toBe(503)
      first.end()

      const lines = gateway.logs.find({ level: 'warn', code: 'GW_TCP_FILTER_FULL' })
      expect(lines.map(({ refused }) => refused)).toEqual([1, 4])
      expect(lines[0]).toMatchObject({ entrypoint: 'web', remoteAddress: '127.0.0.1' })
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('what is refused for different reasons', () => {
  it('is counted apart in the log', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      await using upstream = await startUpstream()
      const keys = { max_connections_per_second: 1, tcp_denied_ips: ['127.0.0.2'] }
      await using gateway = await startGateway(configFor(upstream, keys))
      const kinds = async (): Promise<void> => {
        await answerTo(await connectFrom('127.0.0.2', gateway.port()))
        await gateway.request('/')
      }

      for (let i = 0; i < 3; i++) await kinds()
      vi.advanceTimersByTime(1000)
      for (let i = 0; i < 2; i++) await kinds()

      const refused = (code: string) => gateway.logs.find({ code }).map((line) => line['refused'])
      expect(refused('GW_TCP_FILTER_DENIED')).toEqual([1, 3])
      expect(refused('GW_TCP_FILTER_RATE')).toEqual([1, 2])
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('max_connections_per_ip', () => {
  it('refuses one more connection of one address, and no others', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configFor(upstream, { max_connections_per_ip: 1 }))
    using first = await served(gateway)

    const response = await gateway.request('/')
    const neighbour = await connectFrom('127.0.0.2', gateway.port())

    expect(response.status).toBe(503)
    expect(response.json()).toMatchObject({ code: 'GW_TCP_FILTER_CLIENT_FULL' })
    expect(await firstLine(neighbour)).toBe('HTTP/1.1 200 OK')
    neighbour.destroy()
    first.end()
    await roomFor(gateway)
  })

  it('does not hold back a proxy that is trusted by name, behind which there are many', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(
      configFor(upstream, {
        max_connections_per_ip: 1,
        forwarded_headers: { trusted_ips: ['127.0.0.1'] },
      }),
    )
    using first = await served(gateway)
    using second = await served(gateway)
    const neighbours = [
      await connectFrom('127.0.0.2', gateway.port()),
      await connectFrom('127.0.0.2', gateway.port()),
    ]

    const lines = await Promise.all(neighbours.map((neighbour) => firstLine(neighbour)))

    expect(lines).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 503 Service Unavailable'])
    for (const neighbour of neighbours) neighbour.destroy()
    await expectServed(first)
    await expectServed(second)
  })

  it('holds for everybody if everybody is believed', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(
      configFor(upstream, { max_connections_per_ip: 1, forwarded_headers: { insecure: true } }),
    )
    using first = await served(gateway)

    expect((await gateway.request('/')).status).toBe(503)
    await expectServed(first)
  })
})

describe('the keys of the filter', () => {
  it.each([
    { max_connections: 0 },
    { max_connections: 1.5 },
    { max_connections: 'many' },
    { max_connections_per_ip: 0 },
    { max_connections_per_second: 0 },
    { tcp_allowed_ips: [] },
    { tcp_allowed_ips: ['localhost'] },
    { tcp_denied_ips: ['10.0.0.0/33'] },
    { reset_refused: 'yes' },
  ])('%j are refused', async (keys) => {
    await using upstream = await startUpstream()

    await expect(startGateway(configFor(upstream, keys))).rejects.toMatchObject({
      code: 'GW_CONFIG_INVALID',
    })
  })

  it('do not stand in a middleware', async () => {
    await using upstream = await startUpstream()
    const middlewares = { filter: { type: 'tcp-filter' } }

    await expect(startGateway({ ...configFor(upstream, {}), middlewares })).rejects.toMatchObject({
      problems: [
        {
          message:
            '"tcp-filter" is not a middleware; set max_connections, max_connections_per_ip, max_connections_per_second, tcp_allowed_ips, tcp_denied_ips, reset_refused in an "entrypoints" block',
        },
      ],
    })
  })
})
