import { once } from 'node:events'
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { startBehind } from '../behind.ts'
import { answerOf, connectHttp2 } from '../http2/client.ts'
import { Code } from './frame-server.ts'
import { type Arrived, respond, startHttp2Upstream } from './http2-upstream.ts'

describe('HTTP/2 on both sides', () => {
  it('carries fields, bodies and trailers both ways', async () => {
    const trailers = Promise.withResolvers<IncomingHttpHeaders>()
    await using upstream = await startHttp2Upstream(({ stream }) => {
      stream.on('trailers', trailers.resolve)
      stream.respond({ 'x-down': ['1', '2'] }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.pipe(stream)
    })
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())

    const stream = client.session.request(
      { ':method': 'POST', ':path': '/a?b', te: 'trailers', cookie: ['a=1', 'b=2'] },
      { waitForTrailers: true },
    )
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-up': '1' }))
    stream.end('there and back')
    const answer = await answerOf(stream)

    expect([answer.status, answer.body]).toEqual([200, 'there and back'])
    expect(answer.headers['x-down']).toBe('1, 2')
    expect(answer.trailers).toMatchObject({ 'grpc-status': '0' })
    expect(Object.entries(await trailers.promise)).toEqual([['x-up', '1']])
    expect(upstream.arrived[0]?.headers).toMatchObject({
      ':path': '/a?b',
      te: 'trailers',
      cookie: 'a=1; b=2',
    })
  })

  it('leaves a response that is nothing but a head one', async () => {
    await using upstream = await startHttp2Upstream(({ stream }) => {
      const fields = { 'content-type': 'application/grpc', 'grpc-status': '5', 'x-why': 'none' }
      stream.respond(fields, { endStream: true })
    })
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())

    const stream = client.open({ ':method': 'POST', te: 'trailers' })
    const [headers, flags] = (await once(stream, 'response')) as [IncomingHttpHeaders, number]
    stream.resume()
    stream.end('x')

    expect(headers).toMatchObject({ ':status': 200, 'grpc-status': '5', 'x-why': 'none' })
    // END_STREAM.
    expect(flags & 1).toBe(1)
  })

  it('lets both talk in turns, whoever begins and ends', async () => {
    await using upstream = await startHttp2Upstream(({ stream }) => {
      stream.respond()
      stream.write('hello')
      stream.on('data', (bytes) => stream.write(`you said ${String(bytes)}`))
      stream.on('end', () => stream.end('goodbye'))
    })
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())
    const stream = client.open({ ':method': 'POST' })

    // The head comes before a byte of the request.
    await once(stream, 'response')
    const first = await next(stream)
    const replies: string[] = []
    for (const word of ['one', 'two', 'three']) {
      stream.write(word)
      replies.push(await next(stream))
    }
    stream.end()
    const last = await next(stream)

    expect(first).toBe('hello')
    expect(replies).toEqual(['you said one', 'you said two', 'you said three'])
    expect(last).toBe('goodbye')
    await expect.poll(() => gateway.endpoint().active).toBe(0)
  })

  it('resets the stream to the server when the client resets its own', async () => {
    const closed = Promise.withResolvers<number | undefined>()
    await using upstream = await startHttp2Upstream(({ stream }) => {
      stream.on('close', () => closed.resolve(stream.rstCode))
      stream.respond()
      stream.write('begun')
    })
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())
    const stream = client.open({ ':method': 'POST' })
    await once(stream, 'response')

    stream.close(Code.cancel)

    expect(await closed.promise).toBe(Code.cancel)
    await expect.poll(() => gateway.endpoint().active).toBe(0)
  })

  it('resets the stream of the client when the server breaks off', async () => {
    await using upstream = await startHttp2Upstream(({ stream }) => {
      stream.respond()
      stream.write('begun')
      setImmediate(() => stream.destroy(new Error('broken')))
    })
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())

    const answer = await client.send({})

    expect(answer.status).toBe(200)
    expect(answer.code).not.toBe(Code.none)
  })

  it('carries thousands of streams over few connections', { timeout: 60_000 }, async () => {
    const arrived: Arrived[] = []
    await using upstream = await startHttp2Upstream((one) => arrived.push(one), {
      settings: { maxConcurrentStreams: 1000 },
    })
    await using gateway = await startBehind(upstream, {
      balancer: { max_connections_per_server: 2 },
    })
    const clients = await Promise.all(Array.from({ length: 10 }, () => connectHttp2(gateway.url())))

    const answers = clients.flatMap((client) =>
      Array.from({ length: 200 }, (_, index) => client.send({ ':path': `/${index}` })),
    )
    await expect.poll(() => arrived.length, { timeout: 30_000 }).toBe(2000)
    for (const one of arrived) respond(String(one.headers[':path']))(one)
    const bodies = (await Promise.all(answers)).map(({ body }) => body)
    for (const client of clients) await client[Symbol.asyncDispose]()

    expect(bodies).toEqual(clients.flatMap(() => Array.from({ length: 200 }, (_, i) => `/${i}`)))
    expect(upstream.sessions).toHaveLength(2)
    expect(gateway.endpoint().active).toBe(0)
  })
})

async function next(stream: ClientHttp2Stream): Promise<string> {
  const [bytes] = await once(stream, 'data')
  return String(bytes)
}
