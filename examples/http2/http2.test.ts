import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { reply, startGateway, startUpstream, type TestGateway } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

const file = readFileSync(new URL('gateway.hcl', import.meta.url), 'utf8')

describe('the example of HTTP/2', () => {
  it('reaches servers of both versions over one connection, by their hosts', async () => {
    await using shop = await startUpstream(reply(200, {}, 'the shop'))
    await using files = await startFiles()
    await using gateway = await start(shop.url, files.url)
    const client = connect(gateway.url('web'))

    const hosts = ['shop.example.com', 'files.example.com']
    const bodies = await Promise.all(
      hosts.map((host) => text(client.request({ ':path': '/', ':authority': host }))),
    )
    client.close()

    expect(bodies).toEqual(['the shop', 'files of files.example.com'])
    expect(shop.requests[0]?.headers).toMatchObject({ host: 'shop.example.com' })
  })

  it('serves HTTP/1.1 at the same port, and nothing else at the other one', async () => {
    await using shop = await startUpstream(reply(200, {}, 'the shop'))
    await using gateway = await start(shop.url, 'h2c://127.0.0.1:9')

    const response = await gateway.request('/', { headers: { host: 'shop.example.com' } })
    using old = await gateway.connect('old')
    await old.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

    expect(response.text).toBe('the shop')
    expect((await old.readResponse()).status).toBe(505)
  })
})

function start(shop: string, files: string): Promise<TestGateway> {
  const free = '127.0.0.1:0'
  const env = { WEB_ADDRESS: free, OLD_ADDRESS: free, SHOP_URL: shop, FILES_URL: files }
  return startGateway(file, { env })
}

/** A server of HTTP/2. */
async function startFiles(): Promise<AsyncDisposable & { readonly url: string }> {
  const server: Http2Server = createServer()
  server.on('stream', (stream, headers) => {
    stream.respond()
    stream.end(`files of ${headers[':authority']}`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    url: `h2c://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}
