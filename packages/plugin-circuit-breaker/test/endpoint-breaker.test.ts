import { setImmediate as nextTurn } from 'node:timers/promises'
import { after, hang, reply, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { circuitsOf } from '../src/index.ts'
import { circuitOf, configOf, send, untilState } from './endpoint-gateway.ts'

describe('circuit-breaker with per = "endpoint"', () => {
  it('shows clients errors of a server until its circuit opens, and then none', async () => {
    await using failing = await startUpstream(reply(500))
    await using second = await startUpstream()
    await using third = await startUpstream()
    const urls = [failing.url, second.url, third.url]
    await using gateway = await startGateway(configOf(urls))

    const statuses = await send(gateway, 30)

    expect(statuses.filter((status) => status !== 200)).toEqual([500, 500])
    expect(failing.requests).toHaveLength(2)
    expect(circuitOf(gateway, failing)).toMatchObject({ state: 'open', transitions: 1, trials: 0 })
  })

  it.each([1, 2])('tries a server with %i requests at once, and then trusts it', async (trials) => {
    await using failing = await startUpstream(reply(500))
    await using second = await startUpstream()
    await using third = await startUpstream()
    const urls = [failing.url, second.url, third.url]
    const options = `cooldown_secs = 0.01\nhalf_open_max_requests = ${trials}`
    await using gateway = await startGateway(configOf(urls, options))
    await send(gateway, 6)
    await untilState(gateway, failing, 'half-open')
    const { promise, resolve } = Promise.withResolvers<void>()
    failing.behave(after(promise, reply()))
    let answered = 0

    const sent = Array.from({ length: 12 }, async () => {
      const { status } = await gateway.request('/')
      answered++
      return status
    })
    await vi.waitFor(() => expect(answered).toBe(12 - trials))
    expect(failing.requests).toHaveLength(2 + trials)
    expect(circuitOf(gateway, failing)).toMatchObject({ state: 'half-open', trials })
    resolve()

    expect(new Set(await Promise.all(sent))).toEqual(new Set([200]))
    expect(circuitOf(gateway, failing)).toMatchObject({ state: 'closed', trials: 0 })
    await send(gateway, 3)
    expect(failing.requests).toHaveLength(3 + trials)
  })

  it('keeps a server from traffic again after a trial that fails', async () => {
    await using failing = await startUpstream(reply(500))
    await using working = await startUpstream()
    const urls = [failing.url, working.url]
    const options = 'cooldown_secs = 0.01\nmax_cooldown_secs = 3600\nsuccess_threshold = 9'
    await using gateway = await startGateway(configOf(urls, options))
    await send(gateway, 4)

    for (const transitions of [2, 4, 6]) {
      await vi.waitFor(() =>
        expect(circuitOf(gateway, failing)).toMatchObject({ state: 'half-open', transitions }),
      )
      await send(gateway, 2)
    }

    expect(failing.requests).toHaveLength(5)
    const states = gateway.logs.find({ endpoint: `${failing.url}/` }).map(({ state }) => state)
    const rounds = ['open', 'half-open', 'open', 'half-open', 'open', 'half-open', 'open']
    expect(states.slice(0, 7)).toEqual(rounds)
  })

  it('tries a server although an old request still hangs there', async () => {
    await using upstream = await startUpstream([hang(), reply(500), reply(500), reply()])
    await using gateway = await startGateway(configOf([upstream.url], 'cooldown_secs = 0.01'))
    using client = await gateway.connect()
    await client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    await upstream.nextRequest()
    await send(gateway, 2)
    await untilState(gateway, upstream, 'half-open')

    expect(await send(gateway, 1)).toEqual([200])
    expect(circuitOf(gateway, upstream)?.state).toBe('closed')
  })

  it('has the place of a trial free again whenever a client leaves', async () => {
    await using upstream = await startUpstream([reply(500), reply(500), hang()])
    await using gateway = await startGateway(configOf([upstream.url], 'cooldown_secs = 0.01'))
    await send(gateway, 2)
    await untilState(gateway, upstream, 'half-open')
    for (let left = 0; left < 200; left++) {
      using client = await gateway.connect()
      void client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
      // Some leave at once, some while the upstream or nobody has their request.
      for (let turns = left % 16; turns > 0; turns--) await nextTurn()
    }
    await vi.waitFor(() => expect(circuitOf(gateway, upstream)?.trials).toBe(0))
    expect(upstream.requests.length).toBeGreaterThan(2)
    upstream.behave(reply())

    // The last ones to leave may be noticed only now.
    await vi.waitFor(async () => expect(await send(gateway, 1)).toEqual([200]))
    expect(circuitOf(gateway, upstream)?.state).toBe('closed')
  })

  it('takes no notice of an old request that fails after the circuit has closed', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    await using upstream = await startUpstream([after(promise, reply(500)), reply(500), reply()])
    const options = 'failure_threshold = 1\ncooldown_secs = 0.01'
    await using gateway = await startGateway(configOf([upstream.url], options))
    const old = gateway.request('/')
    await upstream.nextRequest()
    await send(gateway, 1)
    await untilState(gateway, upstream, 'half-open')
    await send(gateway, 1)

    resolve()

    expect((await old).status).toBe(500)
    expect(circuitOf(gateway, upstream)).toMatchObject({ state: 'closed', transitions: 3 })
  })

  it('answers as an open circuit when every server rests', async () => {
    await using first = await startUpstream(reply(500))
    await using second = await startUpstream(reply(500))
    const urls = [first.url, second.url]
    const options = 'cooldown_secs = 60\nfallback_status = 429'
    await using gateway = await startGateway(configOf(urls, options))

    const statuses = await send(gateway, 6)
    const response = await gateway.request('/')

    expect(statuses).toEqual([500, 500, 500, 500, 429, 429])
    expect(response.json()).toMatchObject({ code: 'GW_CIRCUIT_OPEN' })
    expect(['59', '60']).toContain(response.headers['retry-after'])
    expect([first.requests, second.requests].map(({ length }) => length)).toEqual([2, 2])
  })

  it('lets another service take over when every server rests', async () => {
    await using failing = await startUpstream(reply(500))
    await using spare = await startUpstream()
    await using gateway = await startGateway(`
      ${configOf([failing.url], '', 'failover { service = "spare" }')}
      services "spare" {
        load_balancer { servers = [{ url = "${spare.url}" }] }
      }
    `)

    expect(await send(gateway, 4)).toEqual([500, 500, 200, 200])
  })

  it('keeps a server from strategies that panic, too', async () => {
    await using failing = await startUpstream(reply(500))
    await using second = await startUpstream(reply(500))
    await using working = await startUpstream()
    const urls = [failing.url, second.url, working.url]
    const panicking = configOf(urls).replace('servers =', 'panic_threshold = 100\nservers =')
    await using gateway = await startGateway(panicking)

    const statuses = await send(gateway, 12)

    expect(statuses.filter((status) => status !== 200)).toEqual([500, 500, 500, 500])
    expect([failing.requests, second.requests].map(({ length }) => length)).toEqual([2, 2])
  })

  it('keeps a server from routers that do not name it, too', async () => {
    await using failing = await startUpstream(reply(500))
    await using working = await startUpstream()
    const urls = [failing.url, working.url]
    await using gateway = await startGateway(`
      ${configOf(urls)}
      routers "bare" {
        rule    = "PathPrefix(\`/bare\`)"
        service = "pool"
      }
    `)
    await send(gateway, 4)

    expect(await send(gateway, 4, '/bare')).toEqual([200, 200, 200, 200])
    expect(failing.requests).toHaveLength(2)
  })

  it('does not count what routers without it send', async () => {
    await using upstream = await startUpstream(reply(500))
    await using gateway = await startGateway(`
      ${configOf([upstream.url])}
      routers "bare" {
        rule    = "PathPrefix(\`/bare\`)"
        service = "pool"
      }
    `)

    await send(gateway, 4, '/bare')

    expect(circuitsOf(gateway.gateway)).toEqual([])
    expect(await send(gateway, 3)).toEqual([500, 500, 503])
  })

  it.each(['breaker, again', 'again, breaker'])('judges each try: %s', async (order) => {
    await using failing = await startUpstream(reply(503))
    await using working = await startUpstream()
    const urls = [failing.url, working.url]
    await using gateway = await startGateway(configOf(urls, '', '', order))

    const statuses = await send(gateway, 8)

    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(failing.requests).toHaveLength(2)
    expect(working.requests).toHaveLength(8)
    expect(circuitOf(gateway, failing)).toMatchObject({ state: 'open', transitions: 1 })
    expect(circuitOf(gateway, working)?.state).toBe('closed')
  })

  it('keeps nothing from a server in a dry run, and says what it would', async () => {
    await using upstream = await startUpstream(reply(500))
    await using gateway = await startGateway(configOf([upstream.url], 'dry_run = true'))

    expect(await send(gateway, 4)).toEqual([500, 500, 500, 500])
    expect(gateway.logs.find({ msg: 'circuit is open' })).toHaveLength(1)
    const told = gateway.logs.find({ msg: 'dry run: would have sent nothing there' })
    expect(told).toHaveLength(2)
  })

  it('sends to a server again whose circuit is reset', async () => {
    await using failing = await startUpstream(reply(500))
    await using working = await startUpstream()
    const urls = [failing.url, working.url]
    await using gateway = await startGateway(configOf(urls))
    await send(gateway, 4)

    circuitOf(gateway, failing)?.reset()

    expect(new Set(await send(gateway, 2))).toEqual(new Set([200, 500]))
  })
})
