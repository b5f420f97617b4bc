import { definePlugin, GatewayRequest, GatewayResponse, HeaderList } from '@gatewright/kernel'
import { reply, startUpstream, type UpstreamRequest } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { ForwardedFields } from '../src/forwarded-fields.ts'
import { TrustedPeers } from '../src/trusted-peers.ts'
import { startBehind } from './behind.ts'
import { connectHttp2 } from './http2/client.ts'

const told = {
  'x-forwarded-for': '198.51.100.7',
  'x-real-ip': '198.51.100.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'told.example',
  'x-forwarded-port': '8443',
  'x-forwarded-server': 'edge',
  forwarded: 'for=198.51.100.7',
  'x-forwarded-prefix': '/told',
  'x-forwarded-client-cert': 'told',
  x_forwarded_for: '203.0.113.1',
}

describe('the fields of a peer that is not trusted', () => {
  it('are replaced by what the gateway knows', async () => {
    const request = await forwarded({ ...told, host: 'shop.example:8080' })

    expect(family(request)).toEqual([
      'x-forwarded-for: 127.0.0.1',
      'x-real-ip: 127.0.0.1',
      'x-forwarded-proto: http',
      'x-forwarded-host: shop.example:8080',
      'x-forwarded-port: 8080',
    ])
  })

  it('do not say which client it is', async () => {
    expect(await clientAddress(told)).toBe('127.0.0.1')
  })

  it.each([
    ['shop.example', '80'],
    ['[::1]', '80'],
    ['[::1]:8080', '8080'],
  ])('give way to the port of the host: %s', async (host, port) => {
    const request = await forwarded({ host })

    expect(request.headers['x-forwarded-port']).toBe(port)
    expect(request.headers['x-forwarded-host']).toBe(host)
  })

  it('follow the host from one request to the next', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    for (const host of ['a.example', 'b.example', 'a.example:1']) {
      await client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      await client.readResponse()
    }

    expect(upstream.requests.map(({ headers }) => headers['x-forwarded-host'])).toEqual([
      'a.example',
      'b.example',
      'a.example:1',
    ])
  })

  it('name no host if the client of HTTP/1.0 does not', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.0\r\n\r\n')
    await client.readResponse()

    expect(family(upstream.requests[0])).toEqual([
      'x-forwarded-for: 127.0.0.1',
      'x-real-ip: 127.0.0.1',
      'x-forwarded-proto: http',
      'x-forwarded-port: 80',
    ])
  })
})

describe.each([
  ['trusted by address', { trusted_ips: ['127.0.0.0/8'] }],
  ['trusted like all', { insecure: true }],
])('the fields of a peer that is %s', (_how, forwarded_headers) => {
  const entrypoint = { forwarded_headers }

  it('are kept, and the peer is added', async () => {
    const request = await forwarded({ ...told, host: 'shop.example' }, entrypoint)

    expect(request.headers).toMatchObject({ ...told, 'x-forwarded-for': '198.51.100.7, 127.0.0.1' })
  })

  it('are completed', async () => {
    const request = await forwarded({ host: 'shop.example:8080' }, entrypoint)

    expect(family(request)).toEqual([
      'x-forwarded-for: 127.0.0.1',
      'x-real-ip: 127.0.0.1',
      'x-forwarded-proto: http',
      'x-forwarded-host: shop.example:8080',
      'x-forwarded-port: 8080',
    ])
  })

  it('join several lines into one list', async () => {
    const fields = { 'x-forwarded-for': ['198.51.100.7', '', ' 127.0.0.2 '] }
    const request = await forwarded(fields, entrypoint)

    expect(request.headerValues('x-forwarded-for')).toEqual(['198.51.100.7, 127.0.0.2, 127.0.0.1'])
  })

  it('say which client it is', async () => {
    expect(await clientAddress(told, entrypoint)).toBe('198.51.100.7')
  })

  it('say so whatever a middleware does to them', async () => {
    expect(await clientAddress(told, entrypoint, true)).toBe('198.51.100.7')
  })

  it('say it of each of the requests that are under way at once', async () => {
    const meanwhile = Promise.withResolvers<void>()
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, {
      entrypoint,
      middleware: {
        async onRequest(ctx) {
          if (ctx.request.path === '/last') meanwhile.resolve()
          await meanwhile.promise
          return new GatewayResponse({ status: 200, body: ctx.clientAddress })
        },
      },
    })
    await using client = await connectHttp2(gateway.url())

    const answers = await Promise.all([
      client.send({ 'x-forwarded-for': '198.51.100.7' }),
      client.send({}),
      client.send({ ':path': '/last', 'x-forwarded-for': '198.51.100.9' }),
    ])

    expect(answers.map(({ body }) => body)).toEqual(['198.51.100.7', '127.0.0.1', '198.51.100.9'])
  })

  it('say it of a request that is refused as well', async () => {
    const clients: string[] = []
    const telling = definePlugin({
      name: 'telling',
      setup: ({ hooks }) =>
        hooks.finish.tap('telling', (exchange) => void clients.push(exchange.clientAddress)),
    })
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, { entrypoint, plugins: [telling] })
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n')
    await client.readResponse()
    await client.send(
      'CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\nX-Forwarded-For: 198.51.100.9\r\n\r\n',
    )
    await client.readResponse()

    await vi.waitFor(() => expect(clients).toEqual(['198.51.100.7', '198.51.100.9']))
  })

  it('cannot be removed by Connection', async () => {
    const fields = { ...told, connection: 'x-forwarded-for, x-real-ip, x-forwarded-proto' }
    const request = await forwarded(fields, entrypoint)

    expect(request.headers).toMatchObject({
      'x-forwarded-for': '198.51.100.7, 127.0.0.1',
      'x-real-ip': '198.51.100.7',
      'x-forwarded-proto': 'https',
    })
  })
})

describe('fields that came by another protocol', () => {
  it('are replaced in the same way', () => {
    const headers = new HeaderList(['x-a', '1', ...Object.entries(told).flat()])
    const head = {
      method: 'GET',
      target: '/',
      authority: 'shop.example',
      headers,
      version: '1.1' as const,
      upgrade: undefined,
    }
    const request = new GatewayRequest(head, null)

    const client = new ForwardedFields('192.0.2.1', new TrustedPeers([], false), 'https').apply(
      request,
    )

    expect(client).toBe('192.0.2.1')
    expect(Object.fromEntries(headers)).toEqual({
      'x-a': '1',
      'x-forwarded-for': '192.0.2.1',
      'x-real-ip': '192.0.2.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
      'x-forwarded-port': '443',
    })
  })
})

type Fields = Readonly<Record<string, string | readonly string[]>>
type Keys = Readonly<Record<string, unknown>>

/** The request with these fields as it reaches the upstream. */
async function forwarded(headers: Fields, entrypoint: Keys = {}): Promise<UpstreamRequest> {
  await using upstream = await startUpstream()
  await using gateway = await startBehind(upstream, { entrypoint })
  await gateway.request('/', { headers })
  return await upstream.nextRequest()
}

/** Whom a middleware takes for the client. */
async function clientAddress(
  headers: Fields,
  entrypoint: Keys = {},
  meddle = false,
): Promise<string> {
  let client = ''
  await using upstream = await startUpstream(reply())
  await using gateway = await startBehind(upstream, {
    entrypoint,
    middleware: {
      onRequest(ctx) {
        if (meddle) ctx.request.headers.set('x-forwarded-for', '203.0.113.66')
        client = ctx.clientAddress
      },
    },
  })
  await gateway.request('/', { headers })
  return client
}

function family(request: UpstreamRequest | undefined): string[] {
  const lines = request?.rawHead.split('\r\n') ?? []
  return lines.filter((line) => /^(?:x.forwarded|x.real|forwarded)/i.test(line))
}
