import { describe, expect, it } from 'vitest'
import { startEngine } from './engine.ts'

describe('what is no request', () => {
  it.each([
    ['GET /\r\n\r\n', 400],
    ['GET  / HTTP/1.1\r\nhost: a\r\n\r\n', 400],
    ['GET / HTTP/1.1\nhost: a\n\n', 400],
    ['GET / HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nhost: a\r\nno colon\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nhost: a\r\n folded\r\n\r\n', 400],
    ['POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1, 1\r\n\r\n', 400],
    ['POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n', 400],
    ['POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n', 501],
    ['POST / HTTP/1.1\r\nhost: a\r\nexpect: a miracle\r\n\r\n', 417],
    [`GET /${'x'.repeat(9000)} HTTP/1.1\r\nhost: a\r\n\r\n`, 414],
    [`GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    [`GET / HTTP/1.1\r\nhost: a\r\n${'x: y\r\n'.repeat(101)}\r\n`, 431],
    ['GET / HTTP/2.0\r\nhost: a\r\n\r\n', 505],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ])('is answered and ends the connection: %j', async (bytes, status) => {
    await using engine = await startEngine()
    using client = await engine.connect()

    await client.send(bytes)
    const response = await client.readResponse()

    expect(response.status).toBe(status)
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(response.headers['connection']).toBe('close')
    expect(response.headers['date']).toBeDefined()
    expect(response.json()).toMatchObject({ status, error: expect.any(String) })
    expect(await client.closed()).toBe('end')
    expect(engine.events.filter((event) => event.startsWith('request'))).toEqual([])
  })

  it('is answered though the client goes on sending', async () => {
    await using engine = await startEngine()
    using client = await engine.connect()

    await client.send('nonsense\r\n\r\n')
    for (let i = 0; i < 20; i++) void client.send(Buffer.alloc(100_000, 'x'))

    expect((await client.readResponse()).status).toBe(400)
    expect(await client.closed()).toBe('end')
  })
})
