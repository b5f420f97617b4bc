import { once } from 'node:events'
import { deadUrl, poolFile, startGateway, type TestGateway } from '@gatewright/testing'
import { Metadata, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js'
import { describe, expect, it, vi } from 'vitest'
import { EchoClient, outcomeOf } from './echo-client.ts'
import { type EchoServer, startEcho } from './echo-server.ts'

/** For machines that have a lot to do. */
const patience = { timeout: 10_000 }

describe('a server that says it does not serve', () => {
  it('gets no calls as long as it says so', async () => {
    const serving = { first: true, second: true }
    await using first = await startEcho({ unary: answerWith('first') })
    await using second = await startEcho({ unary: answerWith('second') })
    addHealth(first, () => serving.first)
    addHealth(second, () => serving.second)
    const balancing =
      'health_check {\n mode = "grpc"\n interval = "20ms"\n unhealthy_threshold = 1\n}'
    await using gateway = await startGateway(poolFile([urlOf(first), urlOf(second)], { balancing }))
    using client = new EchoClient(gateway.port())

    serving.first = false
    await vi.waitFor(() => expect(available(gateway)).toBe(1), patience)
    const answers = await Promise.all(['a', 'b', 'c'].map((text) => client.unary(text)))
    serving.first = true
    await vi.waitFor(() => expect(available(gateway)).toBe(2), patience)

    expect(answers.flatMap(({ messages }) => messages)).toEqual(['second', 'second', 'second'])
  })
})

describe('a server that answers UNAVAILABLE', () => {
  it.each([
    ['at once', (_call: Unary, done: Done) => done({ code: status.UNAVAILABLE })],
    [
      'after its head',
      (call: Unary, done: Done) => {
        call.sendMetadata(new Metadata())
        done({ code: status.UNAVAILABLE })
      },
    ],
  ])('%s gets no more calls after a few', async (_when, unary) => {
    await using bad = await startEcho({ unary })
    await using good = await startEcho()
    const balancing = 'passive_health {\n error_threshold = 2\n}'
    await using gateway = await startGateway(poolFile([urlOf(bad), urlOf(good)], { balancing }))
    using client = new EchoClient(gateway.port())

    const codes: number[] = []
    for (let i = 0; i < 8; i++) codes.push((await client.unary('x')).status.code)

    expect(codes.filter((code) => code === status.UNAVAILABLE)).toHaveLength(2)
    expect(bad.calls.count).toBe(2)
  })

  it('keeps its calls if others are at fault', async () => {
    await using echo = await startEcho({
      unary: (_call, done) => done({ code: status.INVALID_ARGUMENT }),
    })
    const balancing = 'passive_health {\n error_threshold = 1\n}'
    await using gateway = await startGateway(poolFile([urlOf(echo)], { balancing }))
    using client = new EchoClient(gateway.port())

    for (let i = 0; i < 3; i++) await client.unary('x')

    expect(echo.calls.count).toBe(3)
  })

  it('is asked again, or another one is, if the configuration says so', async () => {
    let tries = 0
    await using echo = await startEcho({
      unary: (call, done) => {
        tries++
        if (tries < 3) done({ code: status.UNAVAILABLE })
        else done(null, call.request)
      },
    })
    const blocks =
      'middlewares "again" {\n type = "retry"\n retry_codes = ["UNAVAILABLE"]\n retry_interval_ms = 1\n}'
    const file = poolFile([urlOf(echo)], { middlewares: ['again'], blocks })
    await using gateway = await startGateway(file)
    using client = new EchoClient(gateway.port())

    const { messages } = await client.unary('hello')

    expect(messages).toEqual(['hello'])
    expect(tries).toBe(3)
  })
})

describe('what services do', () => {
  it('is done with calls: failover', async () => {
    const dead = await deadUrl()
    await using other = await startEcho({ unary: answerWith('other') })
    const file = poolFile([dead.replace('http:', 'grpc:')], {
      service: 'failover {\n service = "other"\n statuses = [502]\n}',
      blocks: `services "other" {\n load_balancer {\n servers = [{ url = "${urlOf(other)}" }]\n}\n}`,
    })
    await using gateway = await startGateway(file)
    using client = new EchoClient(gateway.port())

    const { messages } = await client.unary('hello')

    expect(messages).toEqual(['other'])
  })

  it('is done with calls: mirror', async () => {
    const copied = Promise.withResolvers<string>()
    await using echo = await startEcho()
    await using shadow = await startEcho({
      unary: (call, done) => {
        copied.resolve(call.request.toString())
        done({ code: status.UNAVAILABLE })
      },
    })
    const file = poolFile([urlOf(echo)], {
      service: 'mirror {\n service = "shadow"\n percentage = 100\n}',
      blocks: `services "shadow" {\n load_balancer {\n servers = [{ url = "${urlOf(shadow)}" }]\n}\n}`,
    })
    await using gateway = await startGateway(file)
    using client = new EchoClient(gateway.port())

    const { messages } = await client.unary('hello')

    expect(messages).toEqual(['hello'])
    expect(await copied.promise).toBe('hello')
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0), patience)
  })

  it('is done with calls: sticky', async () => {
    await using first = await startEcho({ unary: answerWith('first') })
    await using second = await startEcho({ unary: answerWith('second') })
    const balancing = 'sticky {\n cookie = "home"\n}'
    await using gateway = await startGateway(poolFile([urlOf(first), urlOf(second)], { balancing }))
    using client = new EchoClient(gateway.port())
    const { head, messages } = await client.unary('x')
    const cookie = String(head?.get('set-cookie')[0]).split(';')[0] ?? ''

    const later = []
    for (let i = 0; i < 4; i++) {
      later.push(...(await client.unary('x', { metadata: { cookie } })).messages)
    }

    expect(later).toEqual(Array(4).fill(messages[0]))
  })
})

describe('a call that goes on', () => {
  it('is not disturbed by reloads, of which new calls see the last', async () => {
    await using first = await startEcho()
    await using second = await startEcho({ unary: answerWith('second') })
    await using gateway = await startGateway(poolFile([urlOf(first)]))
    using client = new EchoClient(gateway.port())
    const call = client.chat()
    const outcome = outcomeOf(call)

    for (let i = 0; i < 5; i++) {
      await gateway.reload(poolFile([urlOf(i % 2 === 0 ? second : first)]))
      call.write(Buffer.from(`message ${i}`))
      await once(call, 'data')
    }
    const { messages } = await client.unary('x')
    call.end()

    expect(messages).toEqual(['second'])
    expect(await outcome).toMatchObject({
      messages: [0, 1, 2, 3, 4].map((i) => `message ${i}`),
      status: { code: status.OK },
    })
  })

  it('is UNAVAILABLE if the gateway stops and cannot wait for it', async () => {
    const cancelled = Promise.withResolvers<void>()
    await using echo = await startEcho({
      chat: (call) => {
        call.on('data', (piece) => call.write(piece))
        call.on('cancelled', () => cancelled.resolve())
      },
    })
    const blocks = 'shutdown_timeout_secs = 1'
    await using gateway = await startGateway(poolFile([urlOf(echo)], { blocks }))
    using client = new EchoClient(gateway.port())
    const call = client.chat()
    const outcome = outcomeOf(call)
    call.write(Buffer.from('before'))
    await once(call, 'data')

    await gateway.close()

    expect(await outcome).toMatchObject({
      messages: ['before'],
      status: { code: status.UNAVAILABLE, details: 'Gateway shutting down' },
    })
    await cancelled.promise
  })

  it('may end in its own time when the gateway stops', async () => {
    await using echo = await startEcho()
    await using gateway = await startGateway(poolFile([urlOf(echo)]))
    using client = new EchoClient(gateway.port())
    const call = client.chat()
    const outcome = outcomeOf(call)
    call.write(Buffer.from('before'))
    await once(call, 'data')

    const stopped = gateway.close()
    call.write(Buffer.from('while it stops'))
    await once(call, 'data')
    call.end()
    await stopped

    expect(await outcome).toMatchObject({
      messages: ['before', 'while it stops'],
      status: { code: status.OK },
    })
  })
})

type Unary = ServerUnaryCall<Buffer, Buffer>
type Done = sendUnaryData<Buffer>

function answerWith(text: string) {
  return (_call: Unary, done: Done): void => done(null, Buffer.from(text))
}

function urlOf({ port }: EchoServer): string {
  return `grpc://127.0.0.1:${port}`
}

function available({ gateway }: TestGateway): number {
  return gateway.snapshot.services.get('pool')?.pool.available.length ?? 0
}

/** The health checking protocol of gRPC, of which the answer is one field: `status = 1`. */
function addHealth({ server }: EchoServer, isServing: () => boolean): void {
  const method = {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  }
  server.addService(
    { check: method },
    { check: (_call: Unary, done: Done) => done(null, Buffer.from([8, isServing() ? 1 : 2])) },
  )
}

function same(bytes: Buffer): Buffer {
  return bytes
}
