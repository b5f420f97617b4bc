import { after, hang, reply, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { circuitsOf } from '../src/index.ts'
import { circuitOf, configOf, send, untilState } from './endpoint-gateway.ts'

describe('a circuit of a server', () => {
  it('stays open over a reload with other servers', async () => {
    await using failing = await startUpstream(reply(500))
    await using working = await startUpstream()
    await using further = await startUpstream()
    await using gateway = await startGateway(configOf([failing.url, working.url]))
    await send(gateway, 4)

    await gateway.reload(configOf([further.url, failing.url, working.url]))
    await send(gateway, 6)
    await gateway.reload(configOf([failing.url, further.url]))
    await send(gateway, 4)

    expect(failing.requests).toHaveLength(2)
    expect(circuitOf(gateway, failing)).toMatchObject({ state: 'open', transitions: 1 })
    expect(circuitOf(gateway, working)).toBeUndefined()
  })

  it('goes on over a reload with the trial that is due', async () => {
    await using failing = await startUpstream(reply(500))
    await using working = await startUpstream()
    const urls = [failing.url, working.url]
    const options = 'cooldown_secs = 0.05'
    await using gateway = await startGateway(configOf(urls, options))
    await send(gateway, 4)
    failing.behave(reply())

    await gateway.reload(configOf([working.url, failing.url], options))
    await untilState(gateway, failing, 'half-open')
    await send(gateway, 2)

    expect(circuitOf(gateway, failing)?.state).toBe('closed')
  })

  it('forgets a server that goes, and begins anew when it comes back', async () => {
    await using failing = await startUpstream(reply(500))
    await using working = await startUpstream()
    const urls = [failing.url, working.url]
    await using gateway = await startGateway(configOf(urls))
    using client = await gateway.connect()
    await send(gateway, 4)
    working.behave([hang(), reply()])
    // Holds the configuration, and with it the server, over the reloads.
    await client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await vi.waitFor(() => expect(working.requests).toHaveLength(3))

    await gateway.reload(configOf([working.url]))
    expect(circuitOf(gateway, failing)).toBeUndefined()
    await gateway.reload(configOf(urls))

    expect(new Set(await send(gateway, 2))).toEqual(new Set([200, 500]))
  })

  it('begins anew with a server that discovery took away and gives back', async () => {
    await using failing = await startUpstream(reply(500))
    await using working = await startUpstream()
    const urls = [failing.url, working.url]
    await using gateway = await startGateway(configOf(urls))
    using client = await gateway.connect()
    await send(gateway, 4)
    working.behave([hang(), reply()])
    await client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await vi.waitFor(() => expect(working.requests).toHaveLength(3))
    // The request holds this configuration, and with it the server, which is the same afterwards.
    await gateway.reload(`
      ${configOf(urls)}
      routers "bare" {
        rule    = "PathPrefix(\`/bare\`)"
        service = "pool"
      }
    `)
    const pool = gateway.gateway.snapshot.services.get('pool')?.pool
    const targets = urls.map((url) => ({ url: new URL(url), weight: 1 }))

    pool?.update(targets.slice(1))
    expect(circuitOf(gateway, failing)).toBeUndefined()
    pool?.update(targets)

    expect(new Set(await send(gateway, 2))).toEqual(new Set([200, 500]))
  })

  it('has no circuit for a server that is gone when its last request fails', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    await using leaving = await startUpstream(after(promise, reply(500)))
    await using working = await startUpstream()
    await using gateway = await startGateway(configOf([leaving.url, working.url]))
    const last = gateway.request('/')
    await leaving.nextRequest()
    await send(gateway, 1)
    await gateway.reload(configOf([working.url]))

    resolve()

    expect((await last).status).toBe(500)
    const shown = circuitsOf(gateway.gateway).map(({ endpoint }) => endpoint)
    expect(shown).toEqual([`${working.url}/`])
  })

  it.each([
    { change: 'has other options', options: 'failure_threshold = 3', order: 'breaker' },
    { change: 'is gone', options: '', order: 'again' },
  ])('keeps nothing from a server once the block $change', async ({ options, order }) => {
    await using failing = await startUpstream(reply(500))
    await using working = await startUpstream()
    const urls = [failing.url, working.url]
    await using gateway = await startGateway(configOf(urls))
    using client = await gateway.connect()
    await send(gateway, 4)
    working.behave([hang(), reply()])
    // Holds the configuration, and with it the circuits.
    await client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await vi.waitFor(() => expect(working.requests).toHaveLength(3))

    await gateway.reload(configOf(urls, options, '', order))

    expect(new Set(await send(gateway, 2))).toEqual(new Set([200, 500]))
  })

  it('takes no notice of a trial that fails after its block has changed', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    await using upstream = await startUpstream([
      reply(500),
      reply(500),
      after(promise, reply(500)),
      reply(),
    ])
    const options = 'cooldown_secs = 0.01'
    await using gateway = await startGateway(configOf([upstream.url], options))
    await send(gateway, 2)
    await untilState(gateway, upstream, 'half-open')
    const trial = gateway.request('/')
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(3))

    await gateway.reload(configOf([upstream.url], 'cooldown_secs = 3600'))
    resolve()

    expect((await trial).status).toBe(500)
    expect(await send(gateway, 2)).toEqual([200, 200])
    expect(circuitOf(gateway, upstream)).toMatchObject({ state: 'closed', transitions: 0 })
  })
})
