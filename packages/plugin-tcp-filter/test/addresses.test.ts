import { once } from 'node:events'
import { connect } from 'node:net'
import { startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { answerTo, configFor, connectFrom, expectServed, served } from './entrypoint.ts'

describe('tcp_allowed_ips and tcp_denied_ips', () => {
  it.each([
    { keys: { tcp_allowed_ips: ['127.0.0.1', '10.0.0.0/8'] }, from: '127.0.0.1', served: true },
    { keys: { tcp_allowed_ips: ['127.0.0.1', '10.0.0.0/8'] }, from: '127.0.0.2', served: false },
    { keys: { tcp_allowed_ips: ['127.0.0.1-127.0.0.9'] }, from: '127.0.0.2', served: true },
    { keys: { tcp_denied_ips: ['127.0.0.2/31'] }, from: '127.0.0.1', served: true },
    { keys: { tcp_denied_ips: ['127.0.0.2/31'] }, from: '127.0.0.3', served: false },
    {
      keys: { tcp_allowed_ips: ['127.0.0.0/8'], tcp_denied_ips: ['127.0.0.2'] },
      from: '127.0.0.2',
      served: false,
    },
  ])('$keys let $from in: $served', async ({ keys, from, served: expected }) => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configFor(upstream, keys))

    const socket = await connectFrom(from, gateway.port())
    const answer = await answerTo(socket)

    expect(answer.startsWith('HTTP/1.1 200 OK')).toBe(expected)
    if (!expected) expect(answer).toBe('')
    socket.destroy()
  })

  it('give those who are kept out no place', async () => {
    await using upstream = await startUpstream()
    const keys = { max_connections: 1, tcp_denied_ips: ['127.0.0.2'] }
    await using gateway = await startGateway(configFor(upstream, keys))
    const kept = await Promise.all(
      Array.from({ length: 20 }, () => connectFrom('127.0.0.2', gateway.port())),
    )

    const response = await gateway.request('/')

    expect(response.status).toBe(200)
    for (const socket of kept) socket.destroy()
  })

  it('tell those who are kept out nothing while there is no room either', async () => {
    await using upstream = await startUpstream()
    const keys = { max_connections: 1, tcp_denied_ips: ['127.0.0.2'] }
    await using gateway = await startGateway(configFor(upstream, keys))
    using first = await served(gateway)

    const kept = await answerTo(await connectFrom('127.0.0.2', gateway.port()))
    const { status } = await gateway.request('/')

    expect(kept).toBe('')
    expect(status).toBe(503)
    await expectServed(first)
  })
})

describe('max_connections_per_second', () => {
  it('lets in as many as the time allows', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      await using upstream = await startUpstream()
      await using gateway = await startGateway(
        configFor(upstream, { max_connections_per_second: 2 }),
      )
      const statuses = async (count: number): Promise<number[]> => {
        const found: number[] = []
        for (let i = 0; i < count; i++) found.push((await gateway.request('/')).status)
        return found
      }

      expect(await statuses(3)).toEqual([200, 200, 503])
      vi.advanceTimersByTime(500)
      expect(await statuses(2)).toEqual([200, 503])
      vi.advanceTimersByTime(60_000)
      expect(await statuses(3)).toEqual([200, 200, 503])
      const response = await gateway.request('/')
      expect(response.headers['retry-after']).toBe('1')
      expect(response.json()).toMatchObject({ code: 'GW_TCP_FILTER_RATE' })
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('reset_refused', () => {
  it('answers nothing and resets', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(
      configFor(upstream, { max_connections: 1, reset_refused: true }),
    )
    using first = await served(gateway)

    // The reset may come before the client knows that it is connected.
    const second = connect({ host: '127.0.0.1', port: gateway.port() })
    const [error]: unknown[] = await once(second, 'error')

    expect(error).toMatchObject({ code: 'ECONNRESET' })
    await expectServed(first)
  })
})
