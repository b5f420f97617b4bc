import { defineMiddleware, definePlugin } from '@gatewright/kernel'
import { Client } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { createTestGateway, fakeUpstream, hcl } from '../../src/index.ts'
import { loadOptional } from '../../src/optional-packages.ts'

const closed = definePlugin({
  name: 'closed',
  setup: (gateway) =>
    gateway.middlewares.register(
      defineMiddleware<object>({
        type: 'closed',
        schema: { type: 'object', additionalProperties: false, properties: {} },
        create: () => ({ onConnection: () => ({ reason: 'closed' }), onRequest: () => undefined }),
      }),
    ),
})

const same = (bytes: Buffer): Buffer => bytes

function sign(_: unknown, done: (error: null, answer: Buffer) => void): void {
  done(null, Buffer.from('typed'))
}

describe('a test of WebSockets', () => {
  it('talks through the gateway', async () => {
    const chat = fakeUpstream.ws((message) =>
      message === 'quiet' ? undefined : `${message.toString()}!`,
    )
    await using gw = await createTestGateway({ upstreams: { chat } })

    using socket = await gw.ws('http://chat.test/room?1', { headers: { 'x-user': 'ann' } })
    const answer = await socket.ask('hello')
    socket.send('quiet')
    const [call] = await chat.waitForCalls(1)
    call?.send(Buffer.from([1, 2]))

    expect(answer).toBe('hello!')
    expect(await socket.next()).toEqual(Buffer.from([1, 2]))
    expect(call).toMatchObject({ target: '/room?1', headers: { 'x-user': 'ann' } })
    await expect(socket.close(4000, 'bye')).resolves.toEqual({ code: 4000, reason: 'bye' })
    await expect(call?.closed).resolves.toEqual({ code: 4000, reason: 'bye' })
    expect(call?.messages).toEqual(['hello', 'quiet'])
  })

  it('is told when it is not let in', async () => {
    await using gw = await createTestGateway({ upstreams: { chat: fakeUpstream.http(403) } })

    await expect(gw.ws('/')).rejects.toThrow('the handshake was answered 403, not 101')
  })

  it('can be done without a socket, as far as the bytes', async () => {
    const chat = fakeUpstream.ws()
    await using gw = await createTestGateway({ upstreams: { chat } })
    const headers = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    }

    const { status, upgrade } = await gw.inject({ headers })

    expect(status).toBe(101)
    const [call] = await chat.waitForCalls(1)
    call?.send('hi')
    for await (const bytes of upgrade ?? []) {
      expect(bytes).toEqual(Buffer.from([0x81, 2, ...Buffer.from('hi')]))
      break
    }
  })
})

describe('a test of gRPC', () => {
  it('calls methods by their path', async () => {
    const book = fakeUpstream.grpc({
      '/demo.Book/Sign': ({ message }) => `signed ${message.toString()}`,
      '/demo.Book/Read': {
        messages: ['a', 'b'],
        metadata: { 'x-book': '1' },
        trailers: { 'x-count': '2' },
      },
      '/demo.Book/Burn': { code: 7, details: 'no fire' },
    })
    await using gw = await createTestGateway({ upstreams: { book } })

    const signed = await gw.grpc('/demo.Book/Sign', 'ann', { metadata: { 'x-user': 'ann' } })
    const read = await gw.grpc('/demo.Book/Read', '')
    const burned = await gw.grpc('/demo.Book/Burn', '')

    expect(signed).toMatchObject({ code: 0, messages: [Buffer.from('signed ann')] })
    expect(read.messages.map(String)).toEqual(['a', 'b'])
    expect(read).toMatchObject({ metadata: { 'x-book': '1' }, trailers: { 'x-count': '2' } })
    expect(burned).toMatchObject({ code: 7, details: 'no fire' })
    expect(book.calls[0]).toMatchObject({ path: '/demo.Book/Sign', metadata: { 'x-user': 'ann' } })
  })

  it('takes the clients and services of generated code', async () => {
    const definition = {
      sign: {
        path: '/demo.Book/Sign',
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    }
    const book = fakeUpstream.grpc({}, [[definition, { sign }]])
    await using gw = await createTestGateway({ upstreams: { book } })

    const client = await gw.grpcClient(Client)
    const answer = await new Promise<Buffer | undefined>((resolve, reject) => {
      client.makeUnaryRequest('/demo.Book/Sign', same, same, Buffer.from('x'), (error, value) =>
        error === null ? resolve(value) : reject(error),
      )
    })

    expect(String(answer)).toBe('typed')
  })
})

describe('a test of HTTP/2 to servers', () => {
  it('sees requests and answers with trailers', async () => {
    const api = fakeUpstream.http2(({ text }) => ({
      status: 201,
      headers: { 'x-from': 'h2' },
      body: ['a', text],
      trailers: { 'x-sum': '2' },
    }))
    await using gw = await createTestGateway({ upstreams: { api } })

    const response = await gw.inject({ method: 'POST', url: 'http://a.test/x', body: 'b' })

    expect(response).toMatchObject({ status: 201, text: 'ab', trailers: { 'x-sum': '2' } })
    expect(api.calls).toMatchObject([{ method: 'POST', target: '/x', text: 'b' }])
  })

  it.each(['reset', 'drop'] as const)('lets them misbehave: %s', async (fault) => {
    const api = fakeUpstream.http2([{ fault, body: 'half' }, 200])
    await using gw = await createTestGateway({ upstreams: { api } })

    const broken = await gw.inject({ method: 'POST', body: 'x' })

    expect(broken.error ?? broken.bodyError).toBeDefined()
    expect((await gw.inject()).status).toBe(200)
  })

  it('lets them hang', async () => {
    const api = fakeUpstream.http2({ fault: 'hang' })
    await using gw = await createTestGateway({ upstreams: { api } })
    const left = new AbortController()

    const pending = gw.inject({ signal: left.signal })
    await api.waitForCalls(1)
    left.abort()

    expect((await pending).error?.code).toBe('GW_CLIENT_ABORTED')
  })
})

describe('a test of TCP', () => {
  it('sends any bytes through the gateway', async () => {
    const mail = fakeUpstream.tcp(async (call) => {
      await call.send('220 hello\r\n')
      await call.readUntil('QUIT\r\n')
      await call.send('221 bye\r\n')
    })
    await using gw = await createTestGateway({
      config: streams('tcp', 'HostSNI(`*`)', 'mail'),
      upstreams: { mail },
    })

    using client = await gw.tcp('streams')
    const greeting = await client.readUntil('\r\n')
    await client.send('QUIT\r\n')
    const rest = await client.readToEnd()

    expect(greeting).toBe('220 hello\r\n')
    expect(String(rest)).toBe('221 bye\r\n')
    expect(String(mail.calls[0]?.received)).toBe('QUIT\r\n')
  })

  it('has everything said back by default', async () => {
    await using gw = await createTestGateway({
      config: streams('tcp', 'HostSNI(`*`)', 'echo'),
      upstreams: { echo: fakeUpstream.tcp() },
    })
    using client = await gw.tcp()

    await client.send('again')
    expect(String(await client.readBytes(5))).toBe('again')
    client.end()
    expect(await client.closed()).toBe('end')
  })

  it('sees a connection cut off whose handler throws', async () => {
    const broken = fakeUpstream.tcp(async (call) => {
      await call.readSome()
      throw new Error('broken')
    })
    await using gw = await createTestGateway({
      config: streams('tcp', 'HostSNI(`*`)', 'broken'),
      upstreams: { broken },
    })
    using client = await gw.tcp()

    await client.send('x')

    expect(await client.closed()).toBe('reset')
  })

  it('goes through filters of connections', async () => {
    const any = fakeUpstream.tcp()
    await using gw = await createTestGateway({
      plugins: [closed],
      config: `${streams('tcp', 'HostSNI(`*`)', 'any', ['no'])}\nmiddlewares "no" {\n type = "closed"\n}`,
      upstreams: { any },
    })
    using client = await gw.tcp()

    await client.closed()
    expect(any.calls).toEqual([])
  })
})

describe('a test of UDP', () => {
  it('sends datagrams through the gateway', async () => {
    const dns = fakeUpstream.udp(({ text }) => [`${text}?`, `${text}!`])
    await using gw = await createTestGateway({
      config: streams('udp', '*', 'dns'),
      upstreams: { dns },
    })

    using client = await gw.udp('streams')

    expect(await client.ask('who')).toBe('who?')
    expect((await client.next()).text).toBe('who!')
    expect((await dns.waitForCalls(1))[0]?.text).toBe('who')
  })
})

describe('a package that is not installed', () => {
  it('is named, with what installs it', async () => {
    await expect(loadOptional('gatewright-none', 'ws()')).rejects.toThrow(
      'ws() needs the package "gatewright-none"; install it: npm install --save-dev gatewright-none',
    )
  })
})

function streams(protocol: string, rule: string, service: string, middlewares: string[] = []) {
  return hcl`
    entrypoints "streams" {
      protocol = "${protocol}"
      address  = "127.0.0.1:0"
    }
    routers "streams" {
      rule        = "${rule}"
      entrypoints = ["streams"]
      service     = "${service}"
      middlewares = ${middlewares}
    }
  `
}
