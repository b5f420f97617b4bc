import type { BodySink, GatewayRequest } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { quiet } from '../quiet.ts'
import { type Answer, type EngineExchange, startEngine } from './engine.ts'

const next = 'GET /next HTTP/1.1\r\nhost: a\r\n\r\n'

describe('a request body', () => {
  it.each([
    ['with a length', 'content-length: 5\r\n\r\nhello'],
    ['in chunks', 'transfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n'],
  ])('%s is read to its end, and what follows is the next request', async (_how, rest) => {
    await using engine = await startEngine(echoBody)
    using client = await engine.connect()

    await client.send(`POST / HTTP/1.1\r\nhost: a\r\n${rest}${next}`)

    expect((await client.readResponse()).text).toBe('hello')
    expect((await client.readResponse()).text).toBe('')
  })

  it('that nobody has taken yet is kept', async () => {
    const open = Promise.withResolvers<EngineExchange>()
    await using engine = await startEngine(open.resolve)
    using client = await engine.connect()

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\none')
    const exchange = await open.promise
    await client.send('two')
    await quiet(() => 0)
    echoBody(exchange)

    expect((await client.readResponse()).text).toBe('onetwo')
  })

  it('that nobody takes stops the client', async () => {
    await using engine = await startEngine(() => undefined)
    using client = await engine.connect()
    const piece = Buffer.alloc(1024 * 1024)

    let sent = 0
    await client.send(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${64 * piece.length}\r\n\r\n`)
    for (let i = 0; i < 64; i++) void client.send(piece).then(() => sent++)

    expect(await quiet(() => sent, 500)).toBeLessThan(64)
  })

  it('that nobody reads is drained if it is small, and the connection goes on', async () => {
    await using engine = await startEngine(({ request, respond }) =>
      respond({ status: request.hasBody ? 403 : 200 }),
    )
    using client = await engine.connect()
    const body = 'x'.repeat(200_000)

    await client.send(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n`)
    const refused = await client.readResponse()
    await client.send(`${body}${next}`)

    expect(refused.status).toBe(403)
    expect(refused.headers['connection']).toBeUndefined()
    expect((await client.readResponse()).status).toBe(200)
  })

  it('that nobody reads ends the connection if it is large, after the whole response', async () => {
    const answer = Buffer.alloc(3_000_000, 'r')
    await using engine = await startEngine(({ respond }) => respond({ status: 413, body: answer }))
    using client = await engine.connect()

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\n')
    for (let i = 0; i < 100; i++) void client.send(Buffer.alloc(100_000))
    const response = await client.readResponse()

    expect(response.headers['connection']).toBe('close')
    expect(response.body.equals(answer)).toBe(true)
    expect(await client.closed()).toBe('end')
  })

  it('in chunks that nobody reads ends the connection once it is too large', async () => {
    await using engine = await startEngine(({ respond }) => respond({ status: 403, body: 'no' }))
    using client = await engine.connect()
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n')
    for (let i = 0; i < 10; i++) void client.send(chunk)

    expect((await client.readResponse()).text).toBe('no')
    expect(await client.closed()).toBe('end')
  })

  it('that is malformed after the response ends the connection, not the response', async () => {
    await using engine = await startEngine(({ respond }) => respond({ status: 403, body: 'no' }))
    using client = await engine.connect()

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nnonsense')

    expect((await client.readResponse()).text).toBe('no')
    expect(await client.closed()).toBe('end')
  })

  it('that is cancelled by its reader is drained too', async () => {
    await using engine = await startEngine(({ request, respond }) => {
      const source = request.takeBody()
      source?.start(ignoring)
      source?.cancel()
      respond({ status: 200, body: request.target })
    })
    using client = await engine.connect()

    await client.send('POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhe')
    const first = await client.readResponse()
    await client.send(`llo${next}`)

    expect(first.text).toBe('/a')
    expect((await client.readResponse()).text).toBe('/next')
  })

  it('that goes on while the response is complete is cut off from its reader', async () => {
    const failed = Promise.withResolvers<unknown>()
    await using engine = await startEngine(({ request, respond }) => {
      request.takeBody()?.start({ ...ignoring, fail: failed.resolve })
      respond({ status: 200 })
    })
    using client = await engine.connect()

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhe')

    expect((await client.readResponse()).status).toBe(200)
    expect(await failed.promise).toMatchObject({ code: 'GW_BODY_ABORTED' })
    await client.send(`llo${next}`)
    expect((await client.readResponse()).status).toBe(200)
  })

  it('that breaks off fails its reader when the client leaves', async () => {
    const failed = Promise.withResolvers<unknown>()
    await using engine = await startEngine(({ request }) => {
      request.takeBody()?.start({ ...ignoring, fail: failed.resolve })
    })
    using client = await engine.connect()

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhe')
    await engine.told('request POST /')
    client.end()

    expect(await failed.promise).toMatchObject({ code: 'GW_CLIENT_ABORTED' })
    expect(engine.events).toEqual(['request POST /', 'abort', 'done', 'close'])
  })

  it('that is malformed fails its reader with the fault', async () => {
    await using engine = await startEngine(({ request, respond }) => {
      request.takeBody()?.start({
        ...ignoring,
        fail: (error) => respond({ status: 400, body: String(error) }),
      })
    })
    using client = await engine.connect()

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabc')
    const response = await client.readResponse()

    expect(response.text).toContain('chunk data is longer than its size')
    expect(response.headers['connection']).toBe('close')
    expect(await client.closed()).toBe('end')
  })

  it('brings its trailers, except those that Connection names', async () => {
    await using engine = await startEngine(({ request, respond }) => {
      request.takeBody()?.start({
        ...ignoring,
        end: (trailers) => respond({ status: 200, body: JSON.stringify(trailers?.raw()) }),
      })
    })
    using client = await engine.connect()

    await client.send(
      'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: x-hop\r\n\r\n' +
        '1\r\nx\r\n0\r\nx-sum: 7\r\nx-hop: 1\r\n\r\n',
    )

    expect((await client.readResponse()).json()).toEqual(['x-sum', '7'])
  })
})

describe('Expect: 100-continue', () => {
  it('is answered when somebody begins to read the body', async () => {
    const open = Promise.withResolvers<EngineExchange>()
    await using engine = await startEngine(open.resolve)
    using client = await engine.connect()

    await client.send(expecting(5))
    const exchange = await open.promise
    echoBody(exchange)
    const informed = await client.readHead()
    await client.send('hello')

    expect(informed.startLine).toBe('HTTP/1.1 100 Continue')
    expect((await client.readResponse()).text).toBe('hello')
  })

  it('is not answered if the body comes unasked', async () => {
    await using engine = await startEngine(echoBody)
    using client = await engine.connect()

    await client.send(`${expecting(5)}hello`)

    expect((await client.readResponse()).interim).toEqual([])
  })

  it('is not answered if the request is refused, and the connection ends', async () => {
    await using engine = await startEngine(({ respond }) => respond({ status: 401 }))
    using client = await engine.connect()

    await client.send(expecting(5))
    const response = await client.readResponse()

    expect(response.status).toBe(401)
    expect(response.interim).toEqual([])
    expect(response.headers['connection']).toBe('close')
    expect(await client.closed()).toBe('end')
  })

  it('of an empty body does not cost the connection', async () => {
    await using engine = await startEngine()
    using client = await engine.connect()

    await client.send(`${expecting(0)}${next}`)

    expect((await client.readResponse()).text).toBe('/')
    expect((await client.readResponse()).text).toBe('/next')
  })
})

function expecting(length: number): string {
  return `POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`
}

const ignoring: BodySink = {
  write: () => true,
  end: () => undefined,
  fail: () => undefined,
}

const echoBody: Answer = ({ request, respond }) => {
  readAll(request, (body) => respond({ status: 200, body }))
}

function readAll(request: GatewayRequest, done: (body: Buffer) => void): void {
  const source = request.takeBody()
  if (source === undefined) return done(Buffer.alloc(0))
  const pieces: Buffer[] = []
  source.start({
    ...ignoring,
    write: (bytes, start, end) => pieces.push(Buffer.from(bytes.subarray(start, end))) > 0,
    end: () => done(Buffer.concat(pieces)),
  })
}
