import { startGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { configFor, dial, receive, startServer } from './servers.ts'

const server = 'tcp://127.0.0.1:9'

describe('the address of a server', () => {
  it('needs no scheme where only TCP leads', async () => {
    await using tcp = await startServer()
    await using gateway = await startGateway(configFor([tcp.url.slice('tcp://'.length)]))

    const client = await dial(gateway.port())
    const received = receive(client)
    client.end('hello')

    expect((await received).text).toBe('hello')
  })

  it('means HTTP where several protocols lead', async () => {
    const config = configFor(['127.0.0.1:9'], {
      rest: {
        entrypoints: {
          tcp: { protocol: 'tcp', address: '127.0.0.1:0' },
          web: { address: '127.0.0.1:0' },
        },
        routers: {
          all: { rule: 'HostSNI(`*`)', service: 'app', entrypoints: ['tcp'] },
          web: { rule: 'PathPrefix(`/`)', service: 'app', entrypoints: ['web'] },
        },
      },
    })

    await expect(startGateway(config)).rejects.toMatchObject({
      problems: [{ path: ['routers', 'all', 'service'] }],
    })
  })
})

describe('a configuration is refused', () => {
  it.each([
    ['tcp://127.0.0.1', 'has no port; expected "tcp://host:port"'],
    ['tcp://127.0.0.1:9/path', 'has a path; expected "tcp://host:port"'],
    [
      'http://127.0.0.1:9',
      'service "app" has the server "http://127.0.0.1:9/", which is none for routers of kind "stream"',
    ],
  ])('with the server %s', async (url, problem) => {
    await expect(startGateway(configFor([url]))).rejects.toMatchObject({
      problems: [expect.objectContaining({ message: expect.stringContaining(problem) })],
    })
  })

  it('with a server of connections behind a router of requests', async () => {
    const config = configFor([server], {
      router: { rule: 'PathPrefix(`/`)' },
      rest: { entrypoints: { web: { address: '127.0.0.1:0' } } },
    })

    await expect(startGateway(config)).rejects.toMatchObject({
      problems: [
        {
          path: ['routers', 'all', 'service'],
          message: `service "app" has the server "${server}", which is none for routers of kind "http"`,
        },
      ],
    })
  })

  it.each([
    ['mirror', { mirror: { service: 'other' } }, {}],
    ['sticky', {}, { sticky: { cookie: 'session' } }],
  ])('with %s, which looks at requests', async (name, service, balancer) => {
    const servers = [{ url: server }]
    const config = configFor([], {
      rest: {
        services: {
          app: { load_balancer: { servers, ...balancer }, ...service },
          other: { load_balancer: { servers } },
        },
      },
    })

    await expect(startGateway(config)).rejects.toMatchObject({
      problems: [
        { message: `"${name}" of service "app" does nothing for routers of kind "stream"` },
      ],
    })
  })

  it('with keys of other protocols', async () => {
    const entrypoint = { forwarded_headers: { insecure: true } }

    await expect(startGateway(configFor([server], { entrypoint }))).rejects.toMatchObject({
      problems: expect.arrayContaining([
        expect.objectContaining({ path: ['entrypoints', 'tcp', 'forwarded_headers'] }),
      ]),
    })
  })
})
