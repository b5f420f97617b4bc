import { GatewayResponse } from '@gatewright/kernel'
import {
  chunked,
  closeAfterHead,
  connect,
  interim,
  type Reply,
  reply,
  resetAfter,
  startUpstream,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { startBehind } from '../behind.ts'
import { answerOf, connectHttp2 } from './client.ts'

describe('HTTP/2 in cleartext', () => {
  it('reaches a server of HTTP/1.1 as an ordinary request', async () => {
    await using upstream = await startUpstream(reply(200, { 'x-a': '1' }, 'hello'))
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())

    const answer = await client.send({
      ':path': '/shop?page=2',
      ':authority': 'Shop.Example:8080',
      'x-b': '2',
      cookie: ['a=1', 'b=2'],
      'x-forwarded-for': '6.6.6.6',
      x_forwarded_proto: 'https',
    })

    expect(answer).toMatchObject({ status: 200, body: 'hello', code: 0 })
    expect(answer.headers).toMatchObject({ 'x-a': '1', 'content-length': '5' })
    const [request] = upstream.requests
    expect(request?.method).toBe('GET')
    expect(request?.target).toBe('/shop?page=2')
    expect(request?.headers).toMatchObject({
      host: 'shop.example:8080',
      'x-b': '2',
      cookie: 'a=1; b=2',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'shop.example:8080',
      'x-forwarded-proto': 'http',
    })
    expect(request?.headers).not.toHaveProperty('x_forwarded_proto')
  })

  it('shares its port with HTTP/1.1', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'both'))
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())

    const [second, first] = await Promise.all([client.send({}), gateway.request('/')])

    expect(second.body).toBe('both')
    expect(first.text).toBe('both')
  })

  it('takes a preface that comes byte by byte', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await connect(gateway.port())

    for (const byte of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0')
      await client.send(byte)
    const bytes = await client.readBytes(9)

    // SETTINGS, which the server sends first (RFC 9113 section 3.4).
    expect(bytes[3]).toBe(4)
  })

  it('is refused where it is switched off, and in the middle of HTTP/1.1', async () => {
    await using upstream = await startUpstream()
    await using off = await startBehind(upstream, { entrypoint: { http: { h2c: false } } })
    await using gateway = await startBehind(upstream)
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
    using first = await connect(off.port())
    using second = await connect(gateway.port())

    await first.send(preface)
    await second.send(`GET / HTTP/1.1\r\nHost: h\r\n\r\n${preface}`)

    expect((await first.readResponse()).status).toBe(505)
    expect((await second.readResponse()).status).toBe(200)
    expect((await second.readResponse()).status).toBe(505)
  })

  it('carries many requests at once, each with its own response', async () => {
    await using upstream = await startUpstream(({ target }) => reply(200, {}, target))
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())
    const paths = Array.from({ length: 100 }, (_, i) => `/${i}`)

    const answers = await Promise.all(paths.map((path) => client.send({ ':path': path })))

    expect(answers.map(({ body }) => body)).toEqual(paths)
  })

  it('carries bodies both ways, with trailers', async () => {
    const sent = 'x'.repeat(1_000_000)
    await using upstream = await startUpstream(({ text }) => {
      return chunked(200, {}, [text.slice(0, 500_000), text.slice(500_000)], { 'x-sum': '7' })
    })
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())
    const stream = client.session.request(
      { ':path': '/', ':method': 'POST' },
      { waitForTrailers: true },
    )
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': 'yes', authorization: 'x' }))

    stream.end(sent)
    const answer = await answerOf(stream)

    expect(answer.body === sent).toBe(true)
    expect(answer.trailers).toMatchObject({ 'x-sum': '7' })
    const request = await upstream.nextRequest()
    expect(request.headers).toMatchObject({ 'transfer-encoding': 'chunked' })
    expect(request.trailers).toEqual({ 'x-end': 'yes' })
  })

  it.each<[string, Reply, object]>([
    ['204', reply(204), { status: 204, body: '' }],
    ['304 with a length', reply(304, { 'content-length': '10' }), { status: 304, body: '' }],
    ['an empty body', reply(200, {}, ''), { status: 200, body: '' }],
    ['an empty body in chunks', chunked(200, {}, []), { status: 200, body: '' }],
    ['103', interim([{ status: 103 }], reply(200, {}, 'x')), { status: 200, interim: [103] }],
  ])('passes on %s', async (_what, given, expected) => {
    await using upstream = await startUpstream(given)
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())

    const answer = await client.send({})

    expect(answer).toMatchObject({ ...expected, code: 0 })
    expect(answer.headers).not.toHaveProperty('connection')
    expect(answer.headers).not.toHaveProperty('transfer-encoding')
  })

  it('answers HEAD without a body and with its length', async () => {
    await using upstream = await startUpstream(reply(200, { 'content-length': '1234' }))
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())

    const answer = await client.send({ ':method': 'HEAD' })

    expect(answer).toMatchObject({ status: 200, body: '', code: 0 })
    expect(answer.headers['content-length']).toBe('1234')
  })

  it('leaves out what concerns the connection to the server only', async () => {
    const fields = {
      connection: 'x-secret',
      'x-secret': '1',
      'keep-alive': 'timeout=9',
      'x-a': '1',
    }
    await using upstream = await startUpstream(reply(200, fields, 'x'))
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())

    const { headers } = await client.send({})

    expect(headers['x-a']).toBe('1')
    expect(headers).not.toHaveProperty('x-secret')
    expect(headers).not.toHaveProperty('keep-alive')
  })

  it('says 100 when the server takes the body, and sends it then', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'taken'))
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())
    const stream = client.open({ ':method': 'POST', expect: '100-continue' })

    stream.on('continue', () => stream.end('body'))
    const answer = await answerOf(stream)

    expect(answer).toMatchObject({ status: 200, body: 'taken' })
    expect((await upstream.nextRequest()).headers).not.toHaveProperty('expect')
  })

  it('answers before an upload is complete, and asks for no more of it', async () => {
    await using upstream = await startUpstream()
    const middleware = { onRequest: () => new GatewayResponse({ status: 401 }) }
    await using gateway = await startBehind(upstream, { middleware })
    await using client = await connectHttp2(gateway.url())
    const stream = client.open({ ':method': 'POST' })

    stream.write('x'.repeat(100_000))
    const answer = await answerOf(stream)

    expect(answer).toMatchObject({ status: 401, code: 0 })
    expect(upstream.requests).toEqual([])
  })

  it.each<[string, Reply]>([
    ['cut off', resetAfter(200, reply(200, {}, 'x'.repeat(5000)))],
    ['closed', closeAfterHead()],
  ])('resets the stream of a response that the server %s', async (_what, given) => {
    await using upstream = await startUpstream(given)
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())

    const answer = await client.send({})

    expect(answer).toMatchObject({ status: 200, code: 2 })
    upstream.behave(reply(200, {}, 'next'))
    expect((await client.send({})).body).toBe('next')
  })

  it('gives a request up when its client does', async () => {
    await using upstream = await startUpstream(({ gone }) => gone.then(() => reply()))
    await using gateway = await startBehind(upstream)
    await using client = await connectHttp2(gateway.url())
    const stream = client.open({}, true)
    const { gone } = await upstream.nextHead()

    stream.close(8)

    await gone
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    expect(gateway.endpoint().active).toBe(0)
  })
})
