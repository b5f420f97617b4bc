import { definePlugin, GatewayResponse } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { hang, reply, requestBytes, startGateway, startUpstream } from '../src/index.ts'

describe('startGateway', () => {
  it('runs a configuration in HCL with first-party plugins', async () => {
    await using upstream = await startUpstream(reply(201, {}, 'made'))
    await using gateway = await startGateway(configOf(upstream.url))

    const response = await gateway.request('/users?page=2', { method: 'POST', body: 'sent' })

    expect(response).toMatchObject({ status: 201, text: 'made' })
    expect(upstream.requests).toMatchObject([
      { method: 'POST', target: '/users?page=2', text: 'sent' },
    ])
  })

  it('runs a configuration that is an object, with plugins of the test', async () => {
    const answering = definePlugin({
      name: 'answering',
      setup: (gateway) =>
        gateway.hooks.request.tap('answering', () => new GatewayResponse({ status: 204 })),
    })
    await using gateway = await startGateway(
      { entrypoints: { web: { address: '127.0.0.1:0' } } },
      { plugins: [answering] },
    )

    expect((await gateway.request('/')).status).toBe(204)
  })

  it('takes variables from the test and from nowhere else', async () => {
    await using upstream = await startUpstream()
    const config = configOf('\u0024{TESTING_UPSTREAM}')
    await using gateway = await startGateway(config, { env: { TESTING_UPSTREAM: upstream.url } })

    expect((await gateway.request('/')).status).toBe(200)
    await expect(startGateway(configOf('\u0024{PATH}'))).rejects.toThrow('PATH')
  })

  it('tells the ports of its entrypoints', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(
      `${configOf(upstream.url)}\nentrypoints "other" { address = "127.0.0.1:0" }`,
    )

    expect(gateway.url('web')).toBe(`http://127.0.0.1:${gateway.port('web')}`)
    expect(gateway.port()).toBe(gateway.port('web'))
    expect(gateway.port('other')).not.toBe(gateway.port('web'))
    expect(() => gateway.port('none')).toThrow('no entrypoint "none"; there are: web, other')
  })

  it('reloads', async () => {
    await using before = await startUpstream(reply(200, {}, 'before'))
    await using afterwards = await startUpstream(reply(200, {}, 'after'))
    await using gateway = await startGateway(configOf(before.url))

    const first = await gateway.request('/')
    await gateway.reload(configOf(afterwards.url))
    const second = await gateway.request('/')

    expect([first.text, second.text]).toEqual(['before', 'after'])
    await expect(gateway.reload('nonsense = ')).rejects.toMatchObject({
      code: 'GW_CONFIG_INVALID',
      problems: [{ line: 1 }],
    })
    expect((await gateway.request('/')).text).toBe('after')
  })

  it('records the log', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))
    await upstream.close()

    await gateway.request('/')

    expect(gateway.logs.find({ code: 'GW_UPSTREAM_CONNECT' })).not.toHaveLength(0)
  })

  it('stops although a client holds its connection', async () => {
    await using upstream = await startUpstream()
    const gateway = await startGateway(configOf(upstream.url))
    using client = await gateway.connect()
    await client.send(requestBytes('GET', '/', 'a'))
    await client.readResponse()

    await gateway.close()

    expect(await client.closed()).toBe('end')
  })

  it('cuts off what hangs, in bounded time', async () => {
    await using upstream = await startUpstream(hang())
    const gateway = await startGateway(`shutdown_timeout_secs = 1\n${configOf(upstream.url)}`)
    using client = await gateway.connect()
    await client.send(requestBytes('GET', '/', 'a'))
    await upstream.nextRequest()

    await gateway.close()

    expect(await upstream.requests[0]?.gone).toBeDefined()
    expect(gateway.gateway.exchanges).toBe(0)
  })

  it('throws what was left behind', async () => {
    await using upstream = await startUpstream()
    const holding = definePlugin({
      name: 'holding',
      setup: ({ hooks }) =>
        hooks.upstreamEnd.tap('holding', (_, attempt) => {
          // Counts the endpoint twice, as a transport would that forgets an attempt.
          attempt.service.begin(_)
          _.attempts?.pop()
        }),
    })
    const gateway = await startGateway(configOf(upstream.url), { plugins: [holding] })

    await gateway.request('/')

    await expect(gateway.close()).rejects.toMatchObject({
      code: 'GW_TESTING_LEAK',
      message: expect.stringContaining(`1 attempts at ${upstream.url}`),
    })
  })
})

function configOf(url: string): string {
  return `
    entrypoints "web" { address = "127.0.0.1:0" }
    routers "all" {
      rule    = "PathPrefix(\`/\`)"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
  `
}
