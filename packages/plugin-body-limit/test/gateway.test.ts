import { gatewayFile, Reply, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'

const post = 'POST / HTTP/1.1\r\nHost: a\r\n'

describe('body-limit in a gateway', () => {
  it('answers before the client is asked for the body, and bothers nobody', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))
    using client = await gateway.connect()

    await client.send(`${post}Content-Length: 2048\r\nExpect: 100-continue\r\n\r\n`)
    const head = await client.readHead()

    expect(head.status).toBe(413)
    expect(upstream.requests).toHaveLength(0)
  })

  it('closes the connection of a client that sends its body nevertheless', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))

    const response = await gateway.request('/', { method: 'POST', body: Buffer.alloc(1 << 20) })

    expect(response.status).toBe(413)
    expect(response.json()).toMatchObject({ detail: 'the body is larger than 1024 bytes' })
    expect(response.headers['connection']).toBe('close')
    expect(upstream.requests).toHaveLength(0)
  })

  it('answers 413 when the byte too much arrives in chunks, and the upstream never sees it', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))
    using client = await gateway.connect()

    await client.send(`${post}Transfer-Encoding: chunked\r\n\r\n400\r\n${'a'.repeat(1024)}\r\n`)
    const request = await upstream.nextHead()
    await vi.waitFor(() => expect(request.body).toHaveLength(1024))
    await client.send(`1\r\nb\r\n`)
    const response = await client.readResponse()

    expect(response.status).toBe(413)
    expect(response.json()).toMatchObject({ code: 'GW_BODY_LIMIT_EXCEEDED' })
    expect(await request.completed).toBe(false)
    expect(request.body.toString()).toBe('a'.repeat(1024))
    const [logged] = gateway.logs.find({ code: 'GW_BODY_LIMIT_EXCEEDED', msg: 'request failed' })
    expect(logged).toMatchObject({ answeredBy: 'middleware "tested"' })
  })

  it('lets a chunked body of exactly the limit pass', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(configOf(upstream.url))

    const body = [Buffer.alloc(512), Buffer.alloc(512)]
    const response = await gateway.request('/', { method: 'POST', body })

    expect(response.status).toBe(200)
    expect(upstream.requests[0]?.body).toHaveLength(1024)
  })

  it('breaks the connection if the response has begun', async () => {
    const begins = new Reply(async ({ write, gone }) => {
      await write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na')
      await gone
    })
    await using upstream = await startUpstream(begins)
    await using gateway = await startGateway(configOf(upstream.url))
    using client = await gateway.connect()

    await client.send(`${post}Transfer-Encoding: chunked\r\n\r\n400\r\n${'a'.repeat(1024)}\r\n`)
    const head = await client.readHead()
    await client.send(`1\r\nb\r\n`)

    expect(head.status).toBe(200)
    await expect(client.readBytes(2)).rejects.toMatchObject({ code: 'GW_TESTING_CONNECTION_LOST' })
    expect(await upstream.requests[0]?.completed).toBe(false)
  })
})

function configOf(url: string): string {
  return gatewayFile(url, 'type = "body-limit"\n max_body_bytes = "1KiB"')
}
