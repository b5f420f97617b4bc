import type { Socket } from 'node:net'
import type { GatewayConfigInput } from '@gatewright/kernel'
import { startGateway, type TestGateway } from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { hello, helloMessage, records } from './hellos.ts'
import { configFor, dial, receive, startServer, type TestServer } from './servers.ts'

const api = { rule: 'HostSNI(`api.example.com`)', service: 'api' }
const rest = { rule: 'HostSNI(`*`)', service: 'rest' }

describe('rules', () => {
  let servers: TestServer[] = []
  beforeAll(async () => {
    servers = await Promise.all(['api', 'rest'].map((name) => startServer(sayAtEnd(name))))
  })
  afterAll(async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
  })

  it.each([
    ['the name of a rule', { name: 'api.example.com' }, 'api'],
    ['the same in capitals', { name: 'API.example.com.' }, 'api'],
    ['another name', { name: 'www.example.com' }, 'rest'],
    ['no name', {}, 'rest'],
  ])('lead a client with %s to its service', async (_, init, service) => {
    await using gateway = await startGateway(routed({ api, rest }))

    expect(await answerTo(gateway, hello(init))).toBe(service)
  })

  it.each([
    ['HostSNI(`*.example.com`)', 'api.example.com', 'api'],
    ['HostSNI(`*.example.com`)', 'v1.api.example.com', 'rest'],
    ['HostSNI(`*.example.com`)', 'example.com', 'rest'],
    ['HostSNI(`a.test`, `b.test`)', 'b.test', 'api'],
    ['HostSNIRegexp(`^v[0-9]+\\.`)', 'v2.example.com', 'api'],
    ['HostSNIRegexp(`^v[0-9]+\\.`)', 'w2.example.com', 'rest'],
    ['HostSNIRegexp(`^$`)', undefined, 'api'],
    ['HostSNI(`a.test`) && !ClientIP(`127.0.0.1`)', 'a.test', 'rest'],
    ['HostSNI(`a.test`) && ClientIP(`127.0.0.0/8`)', 'a.test', 'api'],
    ['(HostSNI(`a.test`) || ALPN(`h2`)) && !HostSNI(`b.test`)', 'c.test', 'api'],
    ['(HostSNI(`a.test`) || ALPN(`h2`)) && !HostSNI(`b.test`)', 'b.test', 'rest'],
    ['ALPN(`http/1.1`, `h2`)', 'a.test', 'api'],
    ['ALPN(`h3`)', 'a.test', 'rest'],
  ])('%s takes %s to %s', async (rule, name, service) => {
    await using gateway = await startGateway(routed({ api: { ...api, rule }, rest }))
    const init = { alpn: ['h2'], ...(name !== undefined && { name }) }

    expect(await answerTo(gateway, hello(init))).toBe(service)
  })

  it('are asked in the order of their priority', async () => {
    const first = { ...rest, priority: 1000 }
    await using gateway = await startGateway(routed({ api, rest: first }))

    expect(await answerTo(gateway, hello({ name: 'api.example.com' }))).toBe('rest')
  })

  it('close the connection of whom none of them takes', async () => {
    await using gateway = await startGateway(routed({ api }))

    // The alert "unrecognized name".
    const alert = '\x15\x03\x03\x00\x02\x02p'
    expect(await answerTo(gateway, hello({ name: 'www.example.com' }))).toBe(alert)
    expect(await answerTo(gateway, hello({}))).toBe(alert)
    expect(await answerTo(gateway, Buffer.from('hello'))).toBe('')
  })

  it('are right in whatever pieces and records the client says hello', async () => {
    await using gateway = await startGateway(routed({ api, rest }))
    const message = helloMessage({ name: 'api.example.com' })

    const client = await dial(gateway.port())
    const received = receive(client)
    for (const byte of records(message, 20)) {
      await new Promise((resolve) => void client.write(Buffer.from([byte]), resolve))
    }
    client.end()

    expect(await received).toMatchObject({ text: 'api' })
  })

  it('take who says something else at once for one without a name', async () => {
    await using gateway = await startGateway(routed({ api, rest }, { hello_timeout: '1h' }))

    expect(await answerTo(gateway, Buffer.from('hello'))).toBe('rest')
  })

  it.each([
    ['nothing', ''],
    ['half of a hello', '\x16\x03'],
  ])('take who says %s for too long for one without a name', async (_, text) => {
    await using server = await startServer()
    const services = { rest: { load_balancer: { servers: [{ url: server.url }] } } }
    const config = routed({ api, rest }, { hello_timeout: '20ms' }, services)
    await using gateway = await startGateway(config)
    const client = await dial(gateway.port())
    const received = receive(client)
    client.write(Buffer.from(text, 'latin1'))

    await server.next()
    client.end(' and more')

    expect(await received).toMatchObject({ text: `${text} and more`, ending: 'end' })
  })

  it('give the server every byte of the hello, and what came with it', async () => {
    await using server = await startServer()
    const routers = { all: { ...api, rule: 'HostSNIRegexp(`a`)', service: 'app' }, other: api }
    const services = { app: { load_balancer: { servers: [{ url: server.url }] } } }
    await using gateway = await startGateway(routed(routers, {}, services))
    const said = Buffer.concat([hello({ name: 'a.test' }), Buffer.from('and more')])

    const client = await dial(gateway.port())
    const received = receive(client)
    client.end(said)

    expect(await received).toEqual({ text: said.toString(), bytes: said.length, ending: 'end' })
  })

  function routed(
    routers: Readonly<Record<string, object>>,
    entrypoint: Readonly<Record<string, unknown>> = {},
    services: Readonly<Record<string, unknown>> = {},
  ): GatewayConfigInput {
    const [first, second] = servers.map(({ url }) => ({ load_balancer: { servers: [{ url }] } }))
    return configFor([], {
      entrypoint,
      rest: { routers, services: { api: first, rest: second, ...services } },
    })
  }
})

describe('an entrypoint without a rule that asks for a hello', () => {
  it.each(['HostSNI(`*`)', 'ClientIP(`127.0.0.0/8`)', 'HostSNI(`*`) && !ClientIP(`10.0.0.1`)'])(
    'does not wait for the client to say something: %s',
    async (rule) => {
      await using server = await startServer((socket) => void socket.end('220 ready\r\n'))
      await using gateway = await startGateway(
        configFor([server.url], { entrypoint: { hello_timeout: '1h' }, router: { rule } }),
      )

      const client = await dial(gateway.port())

      expect(await receive(client)).toMatchObject({ text: '220 ready\r\n' })
      client.end()
    },
  )

  it.each(['PathPrefix(`/`)', 'Path(`/`)', 'Method(`TCP`)'])(
    'may still have the rule %s, with a warning',
    async (rule) => {
      await using server = await startServer((socket) => void socket.end('220 ready\r\n'))
      await using gateway = await startGateway(configFor([server.url], { router: { rule } }))

      const client = await dial(gateway.port())

      expect(await receive(client)).toMatchObject({ text: '220 ready\r\n' })
      client.end()
      expect(gateway.logs.find({ msg: 'rule is deprecated', router: 'all', rule })).toHaveLength(1)
    },
  )
})

describe('a rule is refused', () => {
  it.each([
    ['Host(`a.test`)', 'matcher "Host" is for http routers; this router is one for stream'],
    ['PathPrefix(`/`) && HostSNI(`*`)', 'is for http routers'],
    ['HostSNI(`a.test:443`)', 'is not a server name; those have neither a port nor brackets'],
    ['HostSNI(`[::1]`)', 'is not a server name'],
    ['HostSNI(``)', 'expected a host, found an empty literal'],
    ['HostSNI(`münchen.de`)', 'write it in punycode'],
    ['HostSNI(`a.*.test`)', 'has a "*" that is not its first label'],
    ['ALPN(`acme-tls/1`)', 'belongs to the gateway'],
    ['ALPN(``)', 'expected a protocol'],
    ['HostSNIRegexp(`(`)', 'pattern "(" is refused'],
  ])('%s', async (rule, problem) => {
    const starting = startGateway(configFor(['tcp://127.0.0.1:1'], { router: { rule } }))

    await expect(starting).rejects.toMatchObject({
      problems: [expect.objectContaining({ message: expect.stringContaining(problem) })],
    })
  })
})

/** Says its name as soon as its client has said something, or has ended. */
function sayAtEnd(name: string): (socket: Socket) => void {
  return (socket) => {
    socket.once('end', () => socket.end(name))
    socket.resume()
  }
}

async function answerTo(gateway: TestGateway, bytes: Buffer): Promise<string> {
  const client = await dial(gateway.port())
  const received = receive(client)
  client.end(bytes)
  const { text } = await received
  await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  return text
}
