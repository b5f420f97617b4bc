import { once } from 'node:events'
import { poolFile, startGateway, type TestGateway } from '@gatewright/testing'
import { type Metadata, status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { frame } from '../frames.ts'
import { EchoClient, outcomeOf } from './echo-client.ts'
import { startEcho } from './echo-server.ts'
import { rawCall, startRawServer } from './raw-http2.ts'

describe.each(['grpc', 'h2c'])('calls over cleartext to %s:// servers', (scheme) => {
  it('of one message', async () => {
    await using echo = await startEcho()
    await using gateway = await start(`${scheme}://127.0.0.1:${echo.port}`)
    using client = new EchoClient(gateway.port())

    const { messages, status: ended } = await client.unary('hello')

    expect(messages).toEqual(['hello'])
    expect(ended.code).toBe(status.OK)
  })

  it('of many messages from the client', async () => {
    await using echo = await startEcho()
    await using gateway = await start(`${scheme}://127.0.0.1:${echo.port}`)
    using client = new EchoClient(gateway.port())

    const { messages, status: ended } = await client.upload(['a', 'bc', '', 'def'])

    expect(messages).toEqual(['abcdef'])
    expect(ended.code).toBe(status.OK)
  })

  it('of many messages from the server', async () => {
    await using echo = await startEcho()
    await using gateway = await start(`${scheme}://127.0.0.1:${echo.port}`)
    using client = new EchoClient(gateway.port())

    const { messages, status: ended } = await outcomeOf(client.download('one two three'))

    expect(messages).toEqual(['one', 'two', 'three'])
    expect(ended.code).toBe(status.OK)
  })

  it('of messages that answer each other', async () => {
    await using echo = await startEcho()
    await using gateway = await start(`${scheme}://127.0.0.1:${echo.port}`)
    using client = new EchoClient(gateway.port())
    const call = client.chat()
    const outcome = outcomeOf(call)

    for (const message of ['ping', 'pong', 'ping again']) {
      call.write(Buffer.from(message))
      const [answer] = await once(call, 'data')
      expect(String(answer)).toBe(message)
    }
    call.end()

    expect((await outcome).status.code).toBe(status.OK)
  })
})

describe('a call', () => {
  it('takes fields both ways, before the messages and after them', async () => {
    let received: Metadata | undefined
    await using echo = await startEcho({
      unary: (call, callback) => {
        received = call.metadata
        const head = call.metadata.clone()
        head.set('x-head', 'first')
        head.set('x-head-bin', Buffer.from([0, 255, 1]))
        call.sendMetadata(head)
        const trailers = call.metadata.clone()
        trailers.set('x-trailer', 'last')
        trailers.set('x-trailer-bin', Buffer.from([2, 254]))
        callback(null, call.request, trailers)
      },
    })
    await using gateway = await start(`grpc://127.0.0.1:${echo.port}`)
    using client = new EchoClient(gateway.port())

    const metadata = { 'x-ascii': 'text', 'x-data-bin': Buffer.from([128, 0, 10, 13]) }
    const { head, status: ended } = await client.unary('hello', { metadata })

    expect(received?.get('x-ascii')).toEqual(['text'])
    expect(received?.get('x-data-bin')).toEqual([Buffer.from([128, 0, 10, 13])])
    expect(head?.get('x-head')).toEqual(['first'])
    expect(head?.get('x-head-bin')).toEqual([Buffer.from([0, 255, 1])])
    expect(ended.metadata.get('x-trailer')).toEqual(['last'])
    expect(ended.metadata.get('x-trailer-bin')).toEqual([Buffer.from([2, 254])])
  })

  it('fails as its server says, with the details', async () => {
    await using echo = await startEcho({
      unary: (call, callback) => {
        const metadata = call.metadata.clone()
        metadata.set('grpc-status-details-bin', Buffer.from('details'))
        callback({ code: status.FAILED_PRECONDITION, details: 'nö: 100 %', metadata })
      },
    })
    await using gateway = await start(`grpc://127.0.0.1:${echo.port}`)
    using client = new EchoClient(gateway.port())

    const { status: ended } = await client.unary('hello')

    expect(ended).toMatchObject({ code: status.FAILED_PRECONDITION, details: 'nö: 100 %' })
    expect(ended.metadata.get('grpc-status-details-bin')).toEqual([Buffer.from('details')])
  })

  it('may fail after messages have come', async () => {
    await using echo = await startEcho({
      download: (call) => {
        call.write(Buffer.from('one'))
        call.emit('error', { code: status.ABORTED, details: 'enough' })
      },
    })
    await using gateway = await start(`grpc://127.0.0.1:${echo.port}`)
    using client = new EchoClient(gateway.port())

    const { messages, status: ended } = await outcomeOf(client.download('x'))

    expect(messages).toEqual(['one'])
    expect(ended).toMatchObject({ code: status.ABORTED, details: 'enough' })
  })

  it('may have messages of 8 MiB', async () => {
    await using echo = await startEcho()
    await using gateway = await start(`grpc://127.0.0.1:${echo.port}`)
    using client = new EchoClient(gateway.port())
    const message = 'x'.repeat(8 * 1024 * 1024)

    const { messages, status: ended } = await client.unary(message)

    expect(ended.code).toBe(status.OK)
    expect(messages[0] === message).toBe(true)
  })

  it('may have compressed messages', async () => {
    await using echo = await startEcho()
    await using gateway = await start(`grpc://127.0.0.1:${echo.port}`)
    using client = new EchoClient(gateway.port(), undefined, {
      'grpc.default_compression_algorithm': 2,
    })
    const message = 'x'.repeat(100_000)

    const { messages, status: ended } = await client.unary(message)

    expect(ended.code).toBe(status.OK)
    expect(messages[0] === message).toBe(true)
  })

  it('has its messages as they are, whatever they are', async () => {
    const received: unknown[] = []
    await using server = await startRawServer((stream, headers) => {
      stream.on('data', (piece) => received.push(piece))
      stream.on('end', () => {
        received.push(headers['grpc-encoding'], headers['te'])
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc', 'grpc-encoding': 'gzip' },
          { waitForTrailers: true },
        )
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
        stream.end(frame('no gzip either', 1))
      })
    })
    await using gateway = await start(`grpc://127.0.0.1:${server.port}`)

    const fields = { 'grpc-encoding': 'gzip', 'grpc-accept-encoding': 'gzip' }
    const outcome = await rawCall(gateway.port(), fields, frame('no gzip', 1))

    expect(received).toEqual([frame('no gzip', 1), 'gzip', 'trailers'])
    expect(outcome.headers['grpc-encoding']).toBe('gzip')
    expect(outcome.body).toEqual(frame('no gzip either', 1))
    expect(outcome.trailers['grpc-status']).toBe('0')
  })

  it('is one of 200 at once', async () => {
    await using echo = await startEcho()
    await using gateway = await start(`grpc://127.0.0.1:${echo.port}`)
    using client = new EchoClient(gateway.port())
    const texts = Array.from({ length: 200 }, (_, i) => `call ${i}`)

    const outcomes = await Promise.all(texts.map((text) => client.unary(text)))

    expect(outcomes.map(({ messages }) => messages[0])).toEqual(texts)
    expect(echo.calls.count).toBe(200)
  })
})

function start(url: string): Promise<TestGateway> {
  return startGateway(poolFile([url]))
}
