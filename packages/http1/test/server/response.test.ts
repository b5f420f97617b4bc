import { Readable } from 'node:stream'
import {
  type BodySink,
  type BodySource,
  type GatewayResponseInit,
  HeaderList,
} from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { startEngine } from './engine.ts'

const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'
const next = 'GET /next HTTP/1.1\r\nhost: a\r\n\r\n'

describe('a response', () => {
  it('leaves with its body in one piece', async () => {
    await using engine = await startEngine(({ respond }) => respond({ status: 201, body: 'made' }))
    using client = await engine.connect()

    await client.send(get)

    expect((await client.readBytes(47)).toString()).toBe(
      'HTTP/1.1 201 Created\r\ncontent-length: 4\r\n\r\nmade',
    )
  })

  it('is chunked if its length is not known', async () => {
    await using engine = await startEngine(({ respond }) =>
      respond({ status: 200, body: Readable.from(['one', 'two']) }),
    )
    using client = await engine.connect()

    await client.send(get + next)
    const response = await client.readResponse()

    expect(response.headers['transfer-encoding']).toBe('chunked')
    expect(response.text).toBe('onetwo')
    expect((await client.readResponse()).status).toBe(200)
  })

  it.each([204, 304])('with status %i has no body, whatever it was given', async (status) => {
    await using engine = await startEngine(({ request, respond }) =>
      respond({ status: request.target === '/' ? status : 200, body: 'never' }),
    )
    using client = await engine.connect()

    await client.send(get + next)
    const response = await client.readResponse()

    expect(response.status).toBe(status)
    expect(response.headers['transfer-encoding']).toBeUndefined()
    expect((await client.readResponse()).text).toBe('never')
  })

  it('to HEAD has the length of the body that it does not bring', async () => {
    await using engine = await startEngine(({ respond }) => respond({ status: 200, body: '12345' }))
    using client = await engine.connect()

    await client.send(`HEAD / HTTP/1.1\r\nhost: a\r\n\r\n${next}`)
    const response = await client.readResponse({ method: 'HEAD' })

    expect(response.headers['content-length']).toBe('5')
    expect((await client.readResponse()).text).toBe('12345')
  })

  it('without a body says so', async () => {
    await using engine = await startEngine(({ respond }) => respond({ status: 200 }))
    using client = await engine.connect()

    await client.send(get)

    expect((await client.readResponse()).headers['content-length']).toBe('0')
  })

  it('leaves out fields that concern one connection, and the ones that Connection names', async () => {
    const hops = ['connection', 'X-Hop, close', 'keep-alive', 'timeout=9', 'x-hop', '1']
    const headers = new HeaderList([...hops, 'set-cookie', 'a=1', 'set-cookie', 'b=2'])
    await using engine = await startEngine(({ respond }) => respond({ status: 200, headers }))
    using client = await engine.connect()

    await client.send(get)
    const response = await client.readResponse()

    expect(response.rawHeaders).toEqual(
      ['set-cookie', 'a=1', 'set-cookie', 'b=2'].concat(['content-length', '0']),
    )
  })

  it('is reset if its body is shorter than its length', async () => {
    await using engine = await startEngine(({ respond }) =>
      respond({ status: 200, body: lying(10, 'short') }),
    )
    using client = await engine.connect()

    await client.send(get)

    expect(await client.closed()).toBe('reset')
    expect(engine.events).toEqual(['request GET /', 'broken GW_INTERNAL', 'abort', 'done', 'close'])
  })

  it('is reset if its body is longer than its length, and no byte of the rest is sent', async () => {
    await using engine = await startEngine(({ respond }) =>
      respond({ status: 200, body: lying(3, 'long') }),
    )
    using client = await engine.connect()

    await client.send(get)

    expect(await client.closed()).toBe('reset')
    expect(engine.count('broken GW_INTERNAL')).toBe(1)
  })

  it('is reset if its body breaks off', async () => {
    const body = new Readable({ read: () => undefined })
    await using engine = await startEngine(({ respond }) => respond({ status: 200, body }))
    using client = await engine.connect()

    await client.send(get)
    body.push('some')
    await client.readHead()
    await client.readUntil('some')
    body.destroy(new Error('lost'))

    expect(await client.closed()).toBe('reset')
    expect(engine.count('broken GW_INTERNAL')).toBe(1)
  })

  it.each([0, 100, 101, 199, 600, 1000, 200.5, Number.NaN])(
    'with status %d becomes a 502 and ends the connection',
    async (status) => {
      await using engine = await startEngine(({ respond }) => respond({ status, body: 'x' }))
      using client = await engine.connect()

      await client.send(get)
      const response = await client.readResponse()

      expect(response.status).toBe(502)
      expect(response.json()).toMatchObject({ code: 'GW_HTTP1_UNSENDABLE_STATUS' })
      expect(await client.closed()).toBe('end')
      expect(engine.count('done')).toBe(1)
    },
  )

  it.each([
    ['a line end in a value', ['x-a', 'b\r\nset-cookie: c']],
    ['a space in a name', ['x a', 'b']],
    ['a character beyond latin1', ['x-a', '\u{1f600}']],
  ])('with %s becomes a 500 and ends the connection', async (_what, fields) => {
    const headers = new HeaderList([...fields])
    await using engine = await startEngine(({ respond }) => respond({ status: 200, headers }))
    using client = await engine.connect()

    await client.send(get)
    const response = await client.readResponse()

    expect(response.status).toBe(500)
    expect(response.json()).toMatchObject({ code: 'GW_INVALID_HEADER' })
    expect(response.headers['set-cookie']).toBeUndefined()
    expect(await client.closed()).toBe('end')
  })

  it('is given once; a second one is dropped', async () => {
    await using engine = await startEngine(({ respond }) => {
      respond({ status: 200, body: 'first' })
      respond({ status: 200, body: 'second' })
    })
    using client = await engine.connect()

    await client.send(get)

    expect((await client.readResponse()).text).toBe('first')
    expect((await client.send(next), await client.readResponse()).text).toBe('first')
  })

  it('ends the connection if it is asked to', async () => {
    await using engine = await startEngine(({ respond }) => respond({ status: 200 }, true))
    using client = await engine.connect()

    await client.send(get)

    expect((await client.readResponse()).headers['connection']).toBe('close')
    expect(await client.closed()).toBe('end')
  })
})

describe('trailers', () => {
  it('reach a client that takes them, except what must not stand there', async () => {
    await using engine = await startEngine(({ respond }) => respond(withTrailers()))
    using client = await engine.connect()

    await client.send('GET / HTTP/1.1\r\nhost: a\r\nte: trailers\r\nconnection: te\r\n\r\n')

    expect((await client.readResponse()).rawTrailers).toEqual(['x-sum', '7'])
  })

  it('are left out for a client that did not ask', async () => {
    await using engine = await startEngine(({ respond }) => respond(withTrailers()))
    using client = await engine.connect()

    await client.send(get)

    expect((await client.readResponse()).rawTrailers).toEqual([])
  })
})

describe('interim responses', () => {
  it('go ahead of the final one', async () => {
    await using engine = await startEngine(({ inform, respond }) => {
      inform(103, ['link', '</a.css>'])
      inform(102)
      respond({ status: 200 })
    })
    using client = await engine.connect()

    await client.send(get)
    const { interim, status } = await client.readResponse()

    expect(status).toBe(200)
    expect(interim.map((head) => head.startLine)).toEqual([
      'HTTP/1.1 103 Early Hints',
      'HTTP/1.1 102 Processing',
    ])
    expect(interim[0]?.rawHeaders).toEqual(['link', '</a.css>'])
  })

  it.each([0, 100, 101, 200, 99])('of status %i are none', async (status) => {
    await using engine = await startEngine(({ inform, respond }) => {
      inform(status)
      respond({ status: 200 })
    })
    using client = await engine.connect()

    await client.send(get)

    expect((await client.readResponse()).interim).toEqual([])
  })

  it('do not pile up for a client that does not read', async () => {
    const link = ['link', 'x'.repeat(8000)]
    await using engine = await startEngine(({ inform, respond }) => {
      for (let i = 0; i < 5000; i++) inform(103, link)
      respond({ status: 200 })
    })
    using client = await engine.connect()
    client.pause()

    await client.send(get)
    await engine.told('done')
    client.resume()
    const { interim, status } = await client.readResponse()

    expect(status).toBe(200)
    expect(interim.length).toBeGreaterThan(0)
    expect(interim.length).toBeLessThan(5000)
  })

  it('do not reach a client of HTTP/1.0', async () => {
    await using engine = await startEngine(({ inform, respond }) => {
      inform(103)
      respond({ status: 200 })
    })
    using client = await engine.connect()

    await client.send('GET / HTTP/1.0\r\n\r\n')

    expect((await client.readHead()).status).toBe(200)
  })
})

function withTrailers(): GatewayResponseInit {
  const fields = ['x-sum', '7', 'content-length', '1', 'authorization', 'no']
  return {
    status: 200,
    body: Readable.from(['x']),
    trailers: Promise.resolve(new HeaderList(fields)),
  }
}

/** A body that says one length and has another. */
function lying(length: number, text: string): BodySource {
  return {
    length,
    start(sink: BodySink) {
      const bytes = Buffer.from(text)
      if (sink.write(bytes, 0, bytes.length)) sink.end(undefined)
    },
    resume: () => undefined,
    cancel: () => undefined,
  }
}
