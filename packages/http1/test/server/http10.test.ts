import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { startEngine } from './engine.ts'

describe('a client of HTTP/1.0', () => {
  it('gets one response and the end of the connection', async () => {
    await using engine = await startEngine()
    using client = await engine.connect()

    await client.send('GET /a HTTP/1.0\r\n\r\n')
    const response = await client.readResponse()

    expect(response.version).toBe('1.1')
    expect(response.headers['connection']).toBe('close')
    expect(response.text).toBe('/a')
    expect(await client.readToEnd()).toHaveLength(0)
  })

  it('keeps its connection if it asks for that', async () => {
    await using engine = await startEngine()
    using client = await engine.connect()

    for (const target of ['/a', '/b']) {
      await client.send(`GET ${target} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`)
      const response = await client.readResponse()
      expect(response.headers['connection']).toBe('keep-alive')
      expect(response.text).toBe(target)
    }
  })

  it('finds the end of a body without a length by the end of the connection', async () => {
    await using engine = await startEngine(({ respond }) =>
      respond({ status: 200, body: Readable.from(['one', 'two']) }),
    )
    using client = await engine.connect()

    await client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    const head = await client.readHead()
    const rest = await client.readToEnd()

    expect(head.rawHeaders).toEqual(['connection', 'close'])
    expect(rest.toString()).toBe('onetwo')
    await engine.told('close')
  })

  it('keeps its connection after HEAD, though the length is not known', async () => {
    await using engine = await startEngine(({ respond }) =>
      respond({ status: 200, body: Readable.from(['x']) }),
    )
    using client = await engine.connect()

    await client.send('HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    const response = await client.readResponse({ method: 'HEAD' })

    expect(response.headers['connection']).toBe('keep-alive')
  })

  it('is not told to go on, even if it says that it waits', async () => {
    await using engine = await startEngine(({ request, respond }) => {
      request.takeBody()?.start({
        write: () => true,
        end: () => respond({ status: 200 }),
        fail: () => undefined,
      })
    })
    using client = await engine.connect()

    await client.send('POST / HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\nx')

    expect((await client.readResponse()).interim).toEqual([])
  })
})
