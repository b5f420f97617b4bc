import { type Chooser, reply, startUpstream, withExtra } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { type Front, startBehind } from './behind.ts'

const targets = Array.from({ length: 30 }, (_, index) => `/${index}`)
const echo: Chooser = ({ target }) => reply(200, {}, target)

describe('a service with "pipeline"', () => {
  it.each([true, { connections: 1, depth: 64, head_of_line: '1m' }])(
    'answers each client with what it asked for: %j',
    async (pipeline) => {
      await using upstream = await startUpstream(echo)
      await using gateway = await startBehind(upstream, { balancer: { pipeline } })

      const rounds = [await fetchAll(gateway), await fetchAll(gateway), await fetchAll(gateway)]

      expect(rounds).toEqual([targets, targets, targets])
    },
  )

  it('sends requests of several clients on one connection before the first is answered', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, {
      balancer: { pipeline: { connections: 1, head_of_line: '1m' } },
    })
    await gateway.request('/')
    await vi.waitUntil(() => upstream.connections.total === 2)
    upstream.behave(async (sent) => {
      await gate.promise
      return echo(sent)
    })

    const all = fetchAll(gateway)
    await vi.waitUntil(() => gateway.endpoint().active === targets.length)
    gate.resolve()

    expect(await all).toEqual(targets)
    expect(upstream.connections.total).toBe(2)
  })

  it.each([
    ['closes after each response', ({ target }) => reply(200, { connection: 'close' }, target)],
    [
      'sends something after each response',
      ({ target }) => withExtra(reply(200, {}, target), 'HTTP/1.1 200 OK\r\n'),
    ],
  ] satisfies [string, Chooser][])('goes on with a server that %s', async (_what, behaviour) => {
    await using upstream = await startUpstream(behaviour, { strict: false })
    await using gateway = await startBehind(upstream, { balancer: { pipeline: true } })

    await gateway.request('/')
    await vi.waitUntil(() => upstream.connections.total >= 2)
    const rounds = [await fetchAll(gateway), await fetchAll(gateway)]

    expect(rounds.flat().filter((text) => !text.startsWith('/')).length).toBeLessThanOrEqual(1)
    expect(rounds[1]).toEqual(targets)
  })

  it('keeps what changes something to itself', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream(async (sent) => {
      if (sent.method === 'GET') await gate.promise
      return echo(sent)
    })
    await using gateway = await startBehind(upstream, { balancer: { pipeline: true } })

    const slow = fetchAll(gateway)
    await vi.waitUntil(() => gateway.endpoint().active === targets.length)
    const response = await gateway.request('/post', { method: 'POST', body: 'x' })
    gate.resolve()

    expect(response.text).toBe('/post')
    expect(await slow).toEqual(targets)
  })

  it.each([
    [{ connections: 0 }, 'connections'],
    [{ connections: 5 }, 'connections'],
    [{ depth: 1 }, 'depth'],
    [{ head_of_line: 0 }, 'head_of_line'],
    ['yes', 'pipeline'],
  ])('refuses %j', async (pipeline, key) => {
    const starting = startBehind({ url: 'http://127.0.0.1:1' }, { balancer: { pipeline } })

    await expect(starting).rejects.toMatchObject({
      problems: [{ path: expect.arrayContaining([key]) }],
    })
  })
})

/** The bodies of one response for each target, all asked for at once. */
function fetchAll(gateway: Front): Promise<string[]> {
  return Promise.all(targets.map(async (target) => (await gateway.request(target)).text))
}
