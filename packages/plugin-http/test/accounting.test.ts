import { once } from 'node:events'
import http2 from 'node:http2'
import { definePlugin, type Plugin, RequestContext } from '@gatewright/kernel'
import {
  connect,
  raw,
  reply,
  requestBytes,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'

interface Ended {
  readonly method: string
  readonly status: number | undefined
  readonly code: string | undefined
  readonly received: number
  readonly sent: number
}

describe('an exchange that is over', () => {
  it.each([
    ['a length', { body: 'x'.repeat(5000) }, 5000],
    ['chunks', { body: ['abc', 'defgh'] }, 8],
    ['nothing', {}, 0],
  ])('knows how many bytes came and went: %s', async (_, init, received) => {
    await using upstream = await startUpstream(reply(200, {}, 'hello'))
    const { plugin, ended } = recording()
    await using gateway = await startGateway(config(upstream.url), { plugins: [plugin] })

    using client = await connect(gateway.port())
    for (let i = 0; i < 2; i++) {
      await client.send(requestBytes('POST', '/', 'a.test', init))
      await client.readResponse()
    }

    await vi.waitFor(() => expect(ended).toHaveLength(2))
    const expected = { method: 'POST', status: 200, received, sent: 5 }
    expect(ended).toMatchObject([expected, expected])
  })

  it('knows what it had sent when its client went away', async () => {
    await using upstream = await startUpstream(
      raw('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nfirst'),
    )
    const { plugin, ended } = recording()
    await using gateway = await startGateway(config(upstream.url), { plugins: [plugin] })

    const client = await connect(gateway.port())
    await client.send(requestBytes('GET', '/', 'a.test'))
    await client.readUntil('first')
    client.reset()

    await vi.waitFor(() => expect(ended).toHaveLength(1))
    expect(ended[0]).toMatchObject({ status: 200, sent: 5 })
  })

  it.each([
    ['a broken head', 'GET / HTTP/1.1\r\nhost : a\r\n\r\n', 400, 'GW_HTTP1_'],
    [
      'a head that is too large',
      `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'GW_HTTP1_',
    ],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n', 405, 'GW_HTTP_CONNECT_REFUSED'],
  ])('may be one that was never routed: %s', async (_, bytes, status, code) => {
    await using upstream = await startUpstream()
    const { plugin, ended } = recording()
    await using gateway = await startGateway(config(upstream.url), { plugins: [plugin] })

    using client = await connect(gateway.port())
    await client.send(bytes)
    await client.readToEnd()
    await vi.waitFor(() => expect(ended).toHaveLength(1))

    expect(ended[0]).toMatchObject({ status, code: expect.stringContaining(code), received: 0 })
    expect(ended[0]?.sent).toBeGreaterThan(50)
  })

  it('may be one of HTTP/2 that was never routed', async () => {
    await using upstream = await startUpstream()
    const { plugin, ended } = recording()
    await using gateway = await startGateway(config(upstream.url), { plugins: [plugin] })

    expect(await statusOverHttp2(gateway, { ':path': '/#fragment' })).toBe(400)

    await vi.waitFor(() => expect(ended).toHaveLength(1))
    expect(ended[0]).toMatchObject({ status: 400, received: 0 })
  })
})

function config(url: string): string {
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
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

function recording(): { readonly plugin: Plugin; readonly ended: readonly Ended[] } {
  const ended: Ended[] = []
  const plugin = definePlugin({
    name: 'recording',
    setup: ({ hooks }) =>
      hooks.finish.tap('recording', (exchange) => {
        if (!(exchange instanceof RequestContext)) return
        const { request, response, received, sent } = exchange
        const { method } = request
        ended.push({
          method,
          status: response?.status,
          code: response?.error?.code,
          received,
          sent,
        })
      }),
  })
  return { plugin, ended }
}

async function statusOverHttp2(
  gateway: TestGateway,
  headers: http2.OutgoingHttpHeaders,
): Promise<unknown> {
  const session = http2.connect(gateway.url())
  try {
    const stream = session.request(headers)
    const [head] = await once(stream, 'response')
    stream.resume()
    await once(stream, 'close')
    return head[':status']
  } finally {
    session.destroy()
  }
}
