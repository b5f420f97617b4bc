import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGunzip, gunzipSync } from 'node:zlib'
import { gatewayFile, reply, requestBytes, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'

describe('compress in a gateway', () => {
  it('sends each event of a stream when it is complete', async () => {
    const next = Promise.withResolvers<void>()
    const last = Promise.withResolvers<void>()
    await using upstream = await serve(async (write, end) => {
      await write('data: 1\n\n')
      await next.promise
      // The second event is complete, the third is not.
      await write('data: 2\n\ndata: 3\n')
      await last.promise
      end()
    }, 'text/event-stream')
    await using gateway = await startGateway(configOf(upstream.url, 'excluded_content_types = []'))

    const response = await fetchFrom(gateway.port())
    const events = response.pipe(createGunzip()).setEncoding('utf8')
    const [first]: unknown[] = await once(events, 'data')
    next.resolve()
    const [second]: unknown[] = await once(events, 'data')
    last.resolve()

    expect(response.headers['content-encoding']).toBe('gzip')
    expect(first).toBe('data: 1\n\n')
    expect(second).toBe('data: 2\n\ndata: 3\n')
  })

  it('sends what there is of a body when the upstream pauses', async () => {
    const next = Promise.withResolvers<void>()
    await using upstream = await serve(async (write, end) => {
      await write('one')
      await next.promise
      end()
    }, 'text/plain')
    await using gateway = await startGateway(configOf(upstream.url, 'flush_interval = "1ms"'))

    const response = await fetchFrom(gateway.port())
    const text = response.pipe(createGunzip()).setEncoding('utf8')
    const [first]: unknown[] = await once(text, 'data')
    next.resolve()
    text.resume()
    await once(text, 'end')

    expect(first).toBe('one')
  })

  it('tells HEAD what it tells GET, and keeps the connection in order', async () => {
    const text = 'a'.repeat(4096)
    await using upstream = await startUpstream(({ method }) =>
      reply(
        200,
        { 'Content-Type': 'text/plain', ETag: '"1"', 'Content-Length': '4096' },
        method === 'HEAD' ? '' : text,
      ),
    )
    await using gateway = await startGateway(configOf(upstream.url))
    const headers = { 'accept-encoding': 'gzip' }
    using client = await gateway.connect()

    await client.send(requestBytes('HEAD', '/', 'a', { headers }))
    const head = await client.readResponse({ method: 'HEAD' })
    await client.send(requestBytes('GET', '/', 'a', { headers }))
    const full = await client.readResponse()

    expect(head.headers['content-length']).toBeUndefined()
    for (const name of ['content-encoding', 'etag', 'vary', 'content-type']) {
      expect(head.headers[name]).toBe(full.headers[name])
    }
    expect(head.headers['etag']).toBe('W/"1"')
    expect(gunzipSync(full.body).toString()).toBe(text)
  })

  it('compresses a stream of 20 MiB', async () => {
    const piece = 'all work and no play '.repeat(3000)
    const pieces = 340
    await using upstream = await serve(async (write, end) => {
      for (let i = 0; i < pieces; i++) await write(piece)
      end()
    }, 'text/plain')
    await using gateway = await startGateway(configOf(upstream.url))

    const response = await fetchFrom(gateway.port())
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    await once(response, 'end')

    expect(gunzipSync(Buffer.concat(chunks)).length).toBe(piece.length * pieces)
  })
})

interface Serving extends AsyncDisposable {
  readonly url: string
}

/** An upstream that writes a body of unknown length piece by piece. */
async function serve(
  answer: (write: (text: string) => Promise<void>, end: () => void) => Promise<void>,
  type: string,
): Promise<Serving> {
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': type })
    const write = async (text: string): Promise<void> => {
      if (!response.write(text)) await once(response, 'drain')
    }
    void answer(write, () => response.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server has an address with a port.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function fetchFrom(port: number): Promise<IncomingMessage> {
  const request = get({
    host: '127.0.0.1',
    port,
    agent: false,
    headers: { 'accept-encoding': 'gzip' },
  })
  const [response]: IncomingMessage[] = await once(request, 'response')
  if (response === undefined) throw new Error('no response')
  return response
}

function configOf(url: string, options = ''): string {
  return gatewayFile(url, `type = "compress"\n ${options}`)
}
