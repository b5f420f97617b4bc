import { once } from 'node:events'
import { constants } from 'node:http2'
import { definePlugin } from '@gatewright/kernel'
import { deadUrl, poolFile, reply, startGateway, startUpstream } from '@gatewright/testing'
import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { frame } from '../frames.ts'
import { EchoClient, outcomeOf } from './echo-client.ts'
import { startEcho } from './echo-server.ts'
import { rawCall, startRawServer } from './raw-http2.ts'

const head = { ':status': 200, 'content-type': 'application/grpc' }

describe('a call that the gateway answers', () => {
  it('is UNAVAILABLE if its server is down', async () => {
    const url = await deadUrl()
    await using gateway = await startGateway(poolFile([url.replace('http:', 'grpc:')]))
    using client = new EchoClient(gateway.port())

    const { status: ended } = await client.unary('hello')

    expect(ended).toMatchObject({ code: status.UNAVAILABLE, details: 'Bad gateway' })
  })

  it('is UNIMPLEMENTED if no route leads anywhere', async () => {
    await using echo = await startEcho()
    const file = poolFile([`grpc://127.0.0.1:${echo.port}`])
    await using gateway = await startGateway(file.replace('PathPrefix(`/`)', 'Path(`/x`)'))
    using client = new EchoClient(gateway.port())

    const { status: ended } = await client.unary('hello')

    expect(ended).toMatchObject({ code: status.UNIMPLEMENTED, details: 'No route matched' })
  })

  it.each([
    ['UNAUTHENTICATED', 'type = "api-key"\nkeys = ["0123456789abcdef0123"]'],
    ['PERMISSION_DENIED', 'type = "ip-allow"\nallowed_ips = ["192.0.2.1"]'],
    ['RESOURCE_EXHAUSTED', 'type = "rate-limit"\nrate = 1\nperiod = "1h"\nburst = 1', 1],
    ['RESOURCE_EXHAUSTED', 'type = "body-limit"\nmax_body_bytes = 3'],
  ] satisfies [string, string, number?][])(
    'is %s because of a middleware: %s',
    async (name, block, before = 0) => {
      await using echo = await startEcho()
      const around = { middlewares: ['m'], blocks: `middlewares "m" {\n${block}\n}` }
      await using gateway = await startGateway(poolFile([`grpc://127.0.0.1:${echo.port}`], around))
      using client = new EchoClient(gateway.port())
      for (let i = 0; i < before; i++) await client.unary('before')

      const { status: ended } = await client.unary('hello')

      expect(status[ended.code]).toBe(name)
      expect(ended.details).not.toBe('')
    },
  )

  it('is INTERNAL if a plugin fails', async () => {
    const failing = definePlugin({
      name: 'failing',
      setup: ({ hooks }) =>
        hooks.response.tap('failing', () => {
          throw new Error('oops')
        }),
    })
    await using echo = await startEcho()
    const file = poolFile([`grpc://127.0.0.1:${echo.port}`])
    await using gateway = await startGateway(file, { plugins: [failing] })
    using client = new EchoClient(gateway.port())

    const { status: ended } = await client.unary('hello')

    expect(ended).toMatchObject({ code: status.INTERNAL, details: 'Middleware error' })
  })

  it('is RESOURCE_EXHAUSTED if the gateway has too much to do', async () => {
    await using echo = await startEcho({ chat: (call) => call.sendMetadata(call.metadata) })
    const file = poolFile([`grpc://127.0.0.1:${echo.port}`])
    const busy = file.replace('"127.0.0.1:0"', '"127.0.0.1:0"\noverload { max_requests = 1 }')
    await using gateway = await startGateway(busy)
    using client = new EchoClient(gateway.port())
    const call = client.chat()
    const outcome = outcomeOf(call)
    await once(call, 'metadata')

    const { status: ended } = await client.unary('one too many')
    call.cancel()

    expect(status[ended.code]).toBe('RESOURCE_EXHAUSTED')
    expect((await outcome).status.code).toBe(status.CANCELLED)
  })

  it('gets a status for the error page of something that is no server of gRPC', async () => {
    await using upstream = await startUpstream(reply(502, { body: '<h1>no</h1>' }))
    await using gateway = await startGateway(poolFile([upstream.url]))
    using client = new EchoClient(gateway.port())

    const { status: ended } = await client.unary('hello')

    expect(ended).toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('502 Bad Gateway'),
    })
  })

  it('is refused over HTTP/1.1', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(poolFile([upstream.url]))

    const response = await gateway.request('/test.Echo/Unary', {
      method: 'POST',
      headers: { 'content-type': 'application/grpc' },
      body: frame('hello'),
    })

    expect(response.status).toBe(505)
    expect(upstream.requests).toHaveLength(0)
  })
})

describe('the deadline of a call', () => {
  it('is told its server, which learns of the end', async () => {
    const cancelled = Promise.withResolvers<void>()
    await using echo = await startEcho({
      unary: (call) => {
        call.on('cancelled', () => cancelled.resolve())
      },
    })
    await using gateway = await startGateway(poolFile([`grpc://127.0.0.1:${echo.port}`]))
    using client = new EchoClient(gateway.port())
    // So that all connections stand.
    await client.upload(['x'])

    const deadline = Date.now() + 500
    const { status: ended } = await client.unary('hello', { options: { deadline } })

    expect(ended.code).toBe(status.DEADLINE_EXCEEDED)
    await cancelled.promise
  })

  it('holds at the gateway for a client that waits for ever', async () => {
    const closed = Promise.withResolvers<number>()
    await using server = await startRawServer((stream, headers) => {
      expect(headers['grpc-timeout']).toBe('1S')
      stream.on('close', () => closed.resolve(stream.rstCode))
    })
    await using gateway = await startGateway(poolFile([`grpc://127.0.0.1:${server.port}`]))

    const outcome = await rawCall(gateway.port(), { 'grpc-timeout': '1S' }, frame('hello'))

    expect(outcome.headers).toMatchObject({
      ':status': 200,
      'grpc-status': '4',
      'grpc-message': 'Deadline exceeded',
    })
    expect(await closed.promise).toBe(constants.NGHTTP2_CANCEL)
  })

  it('holds also after messages have come', async () => {
    const closed = Promise.withResolvers<number>()
    await using server = await startRawServer((stream) => {
      stream.on('close', () => closed.resolve(stream.rstCode))
      stream.respond(head)
      stream.write(frame('first'))
    })
    await using gateway = await startGateway(poolFile([`grpc://127.0.0.1:${server.port}`]))

    const outcome = await rawCall(gateway.port(), { 'grpc-timeout': '1S' }, frame('hello'))

    expect(outcome.body).toEqual(frame('first'))
    expect(outcome.trailers).toMatchObject({ 'grpc-status': '4' })
    expect(await closed.promise).toBe(constants.NGHTTP2_CANCEL)
  })
})

describe('a client that gives a call up', () => {
  it('tells its server while that thinks', async () => {
    const cancelled = Promise.withResolvers<void>()
    const began = Promise.withResolvers<void>()
    await using echo = await startEcho({
      download: (call) => {
        began.resolve()
        call.on('cancelled', () => cancelled.resolve())
      },
    })
    await using gateway = await startGateway(poolFile([`grpc://127.0.0.1:${echo.port}`]))
    using client = new EchoClient(gateway.port())
    const call = client.download('x')
    const outcome = outcomeOf(call)
    await began.promise

    call.cancel()

    expect((await outcome).status.code).toBe(status.CANCELLED)
    await cancelled.promise
  })

  it('tells its server in the middle of messages', async () => {
    const cancelled = Promise.withResolvers<void>()
    await using echo = await startEcho({
      chat: (call) => {
        call.on('data', (piece) => call.write(piece))
        call.on('cancelled', () => cancelled.resolve())
      },
    })
    await using gateway = await startGateway(poolFile([`grpc://127.0.0.1:${echo.port}`]))
    using client = new EchoClient(gateway.port())
    const call = client.chat()
    const outcome = outcomeOf(call)
    call.write(Buffer.from('x'))
    await once(call, 'data')

    call.cancel()

    expect((await outcome).status.code).toBe(status.CANCELLED)
    await cancelled.promise
  })
})

describe('a server that resets a call', () => {
  const table = [
    ['INTERNAL_ERROR', constants.NGHTTP2_INTERNAL_ERROR, '13'],
    ['NO_ERROR', constants.NGHTTP2_NO_ERROR, '13'],
    ['PROTOCOL_ERROR', constants.NGHTTP2_PROTOCOL_ERROR, '13'],
    ['REFUSED_STREAM', constants.NGHTTP2_REFUSED_STREAM, '14'],
    ['CANCEL', constants.NGHTTP2_CANCEL, '1'],
    ['ENHANCE_YOUR_CALM', constants.NGHTTP2_ENHANCE_YOUR_CALM, '8'],
    ['INADEQUATE_SECURITY', constants.NGHTTP2_INADEQUATE_SECURITY, '7'],
  ] as const

  it.each(table)('with %s before its answer is understood', async (_name, code, expected) => {
    await using server = await startRawServer((stream) => stream.close(code))
    await using gateway = await startGateway(poolFile([`grpc://127.0.0.1:${server.port}`]))

    const outcome = await rawCall(gateway.port(), {}, frame('hello'))

    expect(outcome.headers).toMatchObject({ ':status': 200, 'grpc-status': expected })
  })

  it.each(table)('with %s in the middle is understood', async (_name, code, expected) => {
    await using server = await startRawServer((stream) => {
      // Else Node would end the body in order before it resets the stream.
      stream.respond(head, { waitForTrailers: true })
      stream.write(frame('first'), () => setImmediate(() => stream.close(code)))
    })
    await using gateway = await startGateway(poolFile([`grpc://127.0.0.1:${server.port}`]))

    const outcome = await rawCall(gateway.port(), {}, frame('hello'))

    expect(outcome.body).toEqual(frame('first'))
    expect(outcome.trailers).toMatchObject({ 'grpc-status': expected })
    expect(outcome.code).toBe(constants.NGHTTP2_NO_ERROR)
  })

  it('by losing the connection is UNAVAILABLE', async () => {
    await using server = await startRawServer((stream) => {
      stream.respond(head)
      stream.write(frame('first'), () => setImmediate(() => stream.session?.socket.destroy()))
    })
    await using gateway = await startGateway(poolFile([`grpc://127.0.0.1:${server.port}`]))

    const outcome = await rawCall(gateway.port(), {}, frame('hello'))

    expect(outcome.trailers).toMatchObject({ 'grpc-status': '14' })
  })
})
