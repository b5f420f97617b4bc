import {
  closeAfterHead,
  closeBeforeResponse,
  poolFile,
  reply,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'

describe('a server that fails clients', () => {
  it.each([
    ['answers with an error', reply(503)],
    ['closes the connection', closeBeforeResponse()],
    ['breaks off in the middle of a body', closeAfterHead()],
  ])('gets no more requests if it %s', async (_what, behaviour) => {
    await using bad = await startUpstream(behaviour)
    await using good = await startUpstream()
    await using gateway = await start([bad.url, good.url], 'error_threshold = 2')

    const before = await outcomes(gateway, 4)
    const after = await outcomes(gateway, 10)

    expect(before.filter((outcome) => outcome !== 200)).toHaveLength(2)
    expect(after).toEqual(Array(10).fill(200))
    expect(gateway.logs.entries).toContainEqual(
      expect.objectContaining({
        msg: 'server is unhealthy',
        endpoint: `${bad.url}/`,
        check: 'passive',
      }),
    )
  })

  it('keeps its requests if others are its fault', async () => {
    await using upstream = await startUpstream(reply(404))
    await using gateway = await start([upstream.url], 'error_threshold = 1')

    expect(await outcomes(gateway, 3)).toEqual([404, 404, 404])
    expect(upstream.requests).toHaveLength(3)
  })

  it('is tried with single requests after a while, and then comes back', async () => {
    await using upstream = await startUpstream(reply(500))
    await using gateway = await start([upstream.url], 'error_threshold = 1\nrecovery = "50ms"')
    await outcomes(gateway, 1)
    const { promise: release, resolve } = Promise.withResolvers<void>()
    upstream.behave(async () => {
      await release
      return reply(200)
    })

    await vi.waitFor(() => expect(isAvailable(gateway)).toBe(true))
    const trial = gateway.request('/trial')
    await upstream.nextRequest()
    await upstream.nextRequest()
    expect(await outcomes(gateway, 2)).toEqual([503, 503])
    resolve()
    expect((await trial).status).toBe(200)

    expect(await outcomes(gateway, 3)).toEqual([200, 200, 200])
    expect(upstream.requests.filter(({ target }) => target !== '/')).toHaveLength(1)
  })

  it('leaves requests to the failover while it is on trial', async () => {
    await using upstream = await startUpstream(reply(500))
    await using spare = await startUpstream()
    const options = 'error_threshold = 1\nrecovery = "50ms"'
    await using gateway = await startGateway(`
      ${configOf([upstream.url], options, 'failover { service = "spare" }')}
      services "spare" {
        load_balancer {
          servers = [{ url = "${spare.url}" }]
        }
      }
    `)
    expect(await outcomes(gateway, 1)).toEqual([500])
    const { promise: release, resolve } = Promise.withResolvers<void>()
    upstream.behave(async () => {
      await release
      return reply(200)
    })

    await vi.waitFor(() => expect(isAvailable(gateway)).toBe(true))
    const trial = gateway.request('/trial')
    await upstream.nextRequest()
    await upstream.nextRequest()
    expect(await outcomes(gateway, 3)).toEqual([200, 200, 200])
    resolve()

    expect((await trial).status).toBe(200)
    expect(spare.requests).toHaveLength(3)
  })

  it('stays out if its trial fails', async () => {
    await using upstream = await startUpstream(reply(500))
    await using gateway = await start(
      [upstream.url],
      'error_threshold = 1\nrecovery = "100ms"\nbackoff = 10',
    )
    await outcomes(gateway, 1)

    await vi.waitFor(() => expect(isAvailable(gateway)).toBe(true))
    expect(await outcomes(gateway, 2)).toEqual([500, 503])

    const ejections = gateway.logs.entries.filter(({ msg }) => msg === 'server is unhealthy')
    expect(ejections.map(({ forMs }) => forMs)).toEqual([100, 1000])
  })

  it('is not blamed for clients that leave', async () => {
    await using upstream = await startUpstream(async () => {
      await new Promise((resolve) => setImmediate(resolve))
      return reply(200)
    })
    await using gateway = await start([upstream.url], 'error_threshold = 1')

    for (let i = 0; i < 5; i++) {
      const client = await gateway.connect()
      await client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
      await upstream.nextHead()
      client[Symbol.dispose]()
    }
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))

    expect(await outcomes(gateway, 1)).toEqual([200])
  })

  it('stays if so many may not be out', async () => {
    await using a = await startUpstream(reply(500))
    await using b = await startUpstream(reply(500))
    await using gateway = await start(
      [a.url, b.url],
      'error_threshold = 1\nmax_ejected_percent = 50',
    )

    expect(await outcomes(gateway, 6)).toEqual(Array(6).fill(500))
    expect(Math.min(a.requests.length, b.requests.length)).toBe(1)
  })

  it('stays out over a reload, and comes back when nobody watches it any more', async () => {
    await using upstream = await startUpstream(reply(500))
    const options = 'error_threshold = 1\nrecovery = "1h"'
    await using gateway = await start([upstream.url], options)
    await outcomes(gateway, 1)

    await gateway.reload(configOf([upstream.url], options))
    expect(await outcomes(gateway, 1)).toEqual([503])
    await gateway.reload(configOf([upstream.url]))

    expect(await outcomes(gateway, 1)).toEqual([500])
  })

  it('is watched apart from the others', async () => {
    await using a = await startUpstream()
    await using b = await startUpstream()
    await using gateway = await start([a.url, b.url], 'error_threshold = 2')
    a.behave(reply(500))
    await outcomes(gateway, 2)
    a.behave(reply(200))
    b.behave(reply(500))
    await outcomes(gateway, 2)

    expect(gateway.logs.entries.filter(({ check }) => check === 'passive')).toEqual([])
  })
})

function start(urls: readonly string[], options: string): Promise<TestGateway> {
  return startGateway(configOf(urls, options))
}

function configOf(urls: readonly string[], options?: string, service = ''): string {
  const balancing = options === undefined ? '' : `passive_health {\n${options}\n}`
  return poolFile(urls, { balancing, service })
}

function isAvailable({ gateway }: TestGateway): boolean {
  const pool = gateway.snapshot.services.get('pool')?.pool
  return pool !== undefined && pool.available.length > 0
}

/** The statuses of so many requests, one after the other; `lost` if the response broke off. */
async function outcomes(gateway: TestGateway, count: number): Promise<(number | 'lost')[]> {
  const seen: (number | 'lost')[] = []
  for (let i = 0; i < count; i++) {
    seen.push(
      await gateway.request('/').then(
        ({ status }) => status,
        () => 'lost' as const,
      ),
    )
  }
  return seen
}
