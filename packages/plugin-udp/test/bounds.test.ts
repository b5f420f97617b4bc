import { startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, echo, Peer } from './datagrams.ts'

describe('udp_max_sessions', () => {
  it('drops what further clients send, and says so now and then', async () => {
    await using server = await Peer.open(echo)
    const entrypoint = { udp_max_sessions: 1 }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))
    await using first = await Peer.open()
    await using second = await Peer.open()
    await first.ask('hello', gateway.port())
    await server.next()

    for (let i = 0; i < 50; i++) second.send('hello', gateway.port())
    await vi.waitFor(() => expect(drops()).toHaveLength(1))
    await first.ask('again', gateway.port())

    expect(drops()).toMatchObject([{ level: 'warn', limit: 1, reason: 'too many sessions' }])
    expect(await server.text()).toBe('again')
    expect(second.count).toBe(0)

    function drops(): readonly unknown[] {
      return gateway.logs.find({ msg: 'datagrams are dropped' })
    }
  })

  it('lets others in once sessions are over', async () => {
    await using server = await Peer.open(echo)
    const entrypoint = { udp_max_sessions: 1, udp_session_timeout_secs: 0.05 }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))
    await using first = await Peer.open()
    await using second = await Peer.open()
    await first.ask('hello', gateway.port())

    expect(await second.askAgain('mine', gateway.port())).toBe('mine')
  })
})

describe('tcp-filter', () => {
  it('bounds the sessions of one client', async () => {
    await using server = await Peer.open(echo)
    const entrypoint = { max_connections_per_ip: 1 }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))
    await using first = await Peer.open()
    await using second = await Peer.open()
    await using elsewhere = await Peer.open(undefined, '127.0.0.2')

    await first.ask('hello', gateway.port())
    second.send('hello', gateway.port())
    await vi.waitFor(() =>
      expect(gateway.logs.find({ msg: 'connections are refused' })).toHaveLength(1),
    )

    expect(await elsewhere.ask('hello', gateway.port())).toBe('hello')
    expect(second.count).toBe(0)
  })

  it('says whose datagrams are passed on', async () => {
    await using server = await Peer.open(echo)
    const entrypoint = { tcp_denied_ips: ['127.0.0.2'] }
    await using gateway = await startGateway(configFor([server.url], { entrypoint }))
    await using denied = await Peer.open(undefined, '127.0.0.2')
    await using other = await Peer.open()

    denied.send('denied', gateway.port())

    expect(await other.ask('hello', gateway.port())).toBe('hello')
    expect(await server.text()).toBe('hello')
  })
})

describe('the middlewares of a router', () => {
  it('may refuse sessions', async () => {
    await using server = await Peer.open(echo)
    const router = { middlewares: ['office'] }
    const rest = { middlewares: { office: { type: 'ip-allow', allowed_ips: ['127.0.0.3'] } } }
    await using gateway = await startGateway(configFor([server.url], { router, rest }))
    await using denied = await Peer.open(undefined, '127.0.0.2')
    await using allowed = await Peer.open(undefined, '127.0.0.3')

    denied.send('denied', gateway.port())

    expect(await allowed.ask('hello', gateway.port())).toBe('hello')
    expect(await server.text()).toBe('hello')
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(1))
  })
})

describe('a stopping gateway', () => {
  it('ends its sessions at once', async () => {
    await using server = await Peer.open(echo)
    const rest = { shutdown_timeout_secs: 3600 }
    await using gateway = await startGateway(configFor([server.url], { rest }))
    await using client = await Peer.open()
    await client.ask('hello', gateway.port())

    await gateway.close()

    expect(gateway.logs.find({ msg: 'session ended', ending: 'drained' })).toHaveLength(1)
  })
})

describe('a configuration', () => {
  it.each([['PathPrefix(`/`)', 'Method(`UDP`)', '*', 'HostSNI(`*`)'].map((rule) => [rule])].flat())(
    'may have the rule %s',
    async (rule) => {
      await using gateway = await startGateway(
        configFor(['udp://127.0.0.1:9'], { router: { rule } }),
      )
      expect(gateway.port()).toBeGreaterThan(0)
    },
  )

  it.each([
    [
      'HostSNI(`a.test`)',
      'datagrams cannot be told apart by rules; expected "*", found "HostSNI(`a.test`)"',
    ],
    [
      'PathPrefix(`/a`)',
      'datagrams cannot be told apart by rules; expected "*", found "PathPrefix(`/a`)"',
    ],
  ])('may not have the rule %s', async (rule, message) => {
    const config = configFor(['udp://127.0.0.1:9'], { router: { rule } })
    await expect(startGateway(config)).rejects.toMatchObject({
      problems: [{ path: ['routers', 'all', 'rule'], message }],
    })
  })

  it.each([
    [{}, 'none'],
    [
      { a: { rule: '*', service: 'app' }, b: { rule: '*', service: 'app', entrypoints: ['udp'] } },
      '"a", "b"',
    ],
  ])('must have one router for an entrypoint', async (routers, found) => {
    const config = configFor(['udp://127.0.0.1:9'], { rest: { routers } })
    const message = `expected exactly one router for an entrypoint of "udp", found ${found}`
    await expect(startGateway(config)).rejects.toMatchObject({
      problems: [{ path: ['entrypoints', 'udp'], message }],
    })
  })

  it('may not have a router for TCP and UDP', async () => {
    const config = configFor(['udp://127.0.0.1:9'], { router: { entrypoints: ['udp', 'tcp'] } })
    const entrypoints = {
      udp: { protocol: 'udp', address: '127.0.0.1:0' },
      tcp: { protocol: 'tcp', address: '127.0.0.1:0' },
    }
    const message = 'a router cannot listen on entrypoints of TCP and of UDP'
    await expect(startGateway({ ...config, entrypoints })).rejects.toMatchObject({
      problems: expect.arrayContaining([expect.objectContaining({ message })]),
    })
  })

  it.each([
    ['udp://127.0.0.1', 'has no port; expected "udp://host:port"'],
    ['udp://127.0.0.1:9/path', 'has a path; expected "udp://host:port"'],
  ])('may not have the server %s', async (url, problem) => {
    await expect(startGateway(configFor([url]))).rejects.toMatchObject({
      problems: [expect.objectContaining({ message: expect.stringContaining(problem) })],
    })
  })

  it.each([[{ udp_session_timeout_secs: 0 }], [{ udp_max_sessions: 0 }], [{ udp_responses: 0 }]])(
    'may not have the bounds %j',
    async (entrypoint) => {
      const config = configFor(['udp://127.0.0.1:9'], { entrypoint })
      await expect(startGateway(config)).rejects.toMatchObject({
        problems: [{ path: ['entrypoints', 'udp', Object.keys(entrypoint)[0]] }],
      })
    },
  )

  it.each([
    ['udp', 'tcp://127.0.0.1:9', ' over UDP'],
    ['udp', 'http://127.0.0.1:9/', ' over UDP'],
    ['tcp', 'udp://127.0.0.1:9', ''],
  ])('may not lead from %s to %s', async (protocol, url, over) => {
    const config = configFor([url], { entrypoint: { protocol }, router: { rule: 'HostSNI(`*`)' } })
    const message = `service "app" has the server "${url}", which is none for routers of kind "stream"${over}`
    await expect(startGateway(config)).rejects.toMatchObject({
      problems: [{ path: ['routers', 'all', 'service'], message }],
    })
  })
})
