import type { BodySource } from '@gatewright/kernel'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { quiet } from '../quiet.ts'
import { type EngineExchange, startEngine } from './engine.ts'

const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'
const limits = {
  headerTimeoutMs: 1000,
  keepAliveMs: 5000,
  uploadIdleMs: 2000,
  writeStallMs: 3000,
}

describe('a client that takes its time', () => {
  it('loses a connection on which it never says anything', async () => {
    await using engine = await startEngine(undefined, limits)
    using client = await engine.connect()
    await client.send(get)
    await client.readResponse()
    using silent = await engine.connect()

    engine.pass(1500)

    expect(await silent.readToEnd()).toHaveLength(0)
    await client.send(get)
    expect((await client.readResponse()).status).toBe(200)
  })

  it('is told 408 if its head does not become complete', async () => {
    await using engine = await startEngine(undefined, limits)
    using client = await engine.connect()
    await client.send(get)
    await client.readResponse()

    await client.send('GET / HT')
    await quiet(() => 0)
    engine.pass(900)
    await client.send('TP/1.1')
    await quiet(() => 0)
    engine.pass(1100)
    const response = await client.readResponse()

    expect(response.status).toBe(408)
    expect(response.json()).toMatchObject({ code: 'GW_HTTP1_HEADER_TIMEOUT' })
    expect(await client.closed()).toBe('end')
    expect(engine.events.filter((event) => event.startsWith('request'))).toEqual(['request GET /'])
  })

  it('loses its connection after a while without a request', async () => {
    await using engine = await startEngine(undefined, limits)
    using client = await engine.connect()
    await client.send(get)
    await client.readResponse()

    engine.pass(4900)
    await client.send(get)
    await client.readResponse()
    engine.pass(5100)

    expect(await client.readToEnd()).toHaveLength(0)
    expect(await client.closed()).toBe('end')
  })

  it('fails the reader of its upload with 408 if that stops', async () => {
    const failed = Promise.withResolvers<unknown>()
    await using engine = await startEngine(({ request, respond }) => {
      request.takeBody()?.start({
        write: () => true,
        end: () => undefined,
        fail: (error) => {
          failed.resolve(error)
          respond({ status: 408 })
        },
      })
    }, limits)
    using client = await engine.connect()

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhe')
    await engine.told('request POST /')
    engine.pass(2100)

    expect(await failed.promise).toMatchObject({ code: 'GW_HTTP1_BODY_TIMEOUT', status: 408 })
    expect((await client.readResponse()).status).toBe(408)
    expect(await client.closed()).toBe('end')
  })

  it('is not blamed while nobody wants its upload', async () => {
    const open = Promise.withResolvers<EngineExchange>()
    await using engine = await startEngine(open.resolve, limits)
    using client = await engine.connect()

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhe')
    const { respond } = await open.promise
    engine.pass(60_000)
    respond({ status: 200 })

    expect((await client.readResponse()).status).toBe(200)
  })

  it('is not waited for while it waits for its response', async () => {
    const open = Promise.withResolvers<EngineExchange>()
    await using engine = await startEngine(open.resolve, limits)
    using client = await engine.connect()

    await client.send(get)
    const { respond } = await open.promise
    engine.pass(3_600_000)
    respond({ status: 200 })

    expect((await client.readResponse()).status).toBe(200)
  })

  it('is reset if it does not take its response', async () => {
    const body = Buffer.alloc(32 * 1024 * 1024)
    await using engine = await startEngine(({ respond }) => respond({ status: 200, body }), limits)
    using client = await engine.connect()
    client.pause()

    await client.send(get)
    await engine.told('request GET /')
    engine.pass(2900)
    expect(engine.count('close')).toBe(0)
    engine.pass(3100)
    await engine.told('close')
    client.resume()

    expect(await client.closed()).toBe('reset')
    expect(engine.events.filter((event) => event !== 'done').slice(-1)).toEqual(['close'])
  })

  it('is reset if it does not take its response, though it goes on sending', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const arrived = Promise.withResolvers<void>()
    const body = Buffer.alloc(32 * 1024 * 1024)
    const write = (): boolean => {
      arrived.resolve()
      return true
    }
    await using engine = await startEngine(({ request, respond }) => {
      request.takeBody()?.start({ write, end: () => undefined, fail: () => undefined })
      respond({ status: 200, body })
    }, limits)
    using client = await engine.connect()
    client.pause()

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n')
    await engine.told('request POST /')
    vi.advanceTimersByTime(2000)
    await client.send('byte')
    await arrived.promise
    engine.pass(1100)
    await engine.told('close')
    client.resume()

    expect(await client.closed()).toBe('reset')
  })

  it('is reset if it does not take its last response, though it goes on sending', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const body = Buffer.alloc(32 * 1024 * 1024)
    await using engine = await startEngine(
      ({ respond }) => respond({ status: 200, body: atOnce(body) }),
      limits,
    )
    using client = await engine.connect()
    client.pause()

    await client.send('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    await engine.told('done')
    vi.advanceTimersByTime(2000)
    await client.send('more')
    await quiet(() => 0)
    engine.pass(1100)
    await engine.told('close')
    client.resume()

    expect(await client.closed()).toBe('reset')
  })

  it('gets the whole of a last response, however long it takes', async () => {
    const body = Buffer.alloc(16 * 1024 * 1024, 'r')
    const patient = { ...limits, writeStallMs: 3_600_000 }
    await using engine = await startEngine(
      ({ respond }) => respond({ status: 200, body: atOnce(body) }),
      patient,
    )
    using client = await engine.connect()
    client.pause()

    await client.send('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    await engine.told('done')
    engine.pass(3_000_000)
    client.resume()

    expect((await client.readResponse()).body.equals(body)).toBe(true)
    expect(await client.closed()).toBe('end')
  })

  it('gets the whole of a response though the gateway drains', async () => {
    const body = Buffer.alloc(16 * 1024 * 1024, 'r')
    await using engine = await startEngine(
      ({ respond }) => respond({ status: 200, body: atOnce(body) }),
      limits,
    )
    using client = await engine.connect()
    client.pause()

    await client.send(get)
    await engine.told('done')
    engine.connections[0]?.drain()
    client.resume()

    expect((await client.readResponse()).body.equals(body)).toBe(true)
    expect(await client.closed()).toBe('end')
  })

  it('may not go on for ever on a connection that was given up', async () => {
    await using engine = await startEngine(({ respond }) => respond({ status: 200 }, true))
    using client = await engine.connect()

    await client.send(get)
    await client.readResponse()
    await client.closed()
    engine.pass(2100)
    await engine.told('close')

    expect(engine.events.at(-1)).toBe('close')
  })

  it('may not keep a gateway that drains by sending on after its last response', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    await using engine = await startEngine(({ respond }) => respond({ status: 408 }, true))
    using client = await engine.connect({ allowHalfOpen: true })

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9999\r\n\r\n')
    await client.readResponse()
    engine.connections[0]?.drain()
    vi.advanceTimersByTime(1500)
    await client.send('x')
    await quiet(() => 0)
    engine.pass(600)
    await engine.told('close')

    expect(engine.events.at(-1)).toBe('close')
  })

  it.each([
    ['head', 'GET / HT'],
    ['body', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9999\r\n\r\nx'],
  ])('may not hold its connection by sending on after its %s was late', async (_what, begin) => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    await using engine = await startEngine(({ request, respond }) => {
      const fail = (): void => respond({ status: 408 })
      request.takeBody()?.start({ write: () => true, end: () => undefined, fail })
    }, limits)
    using client = await engine.connect({ allowHalfOpen: true })

    await client.send(begin)
    await quiet(() => 0)
    engine.pass(2100)
    expect((await client.readResponse()).status).toBe(408)
    vi.advanceTimersByTime(1500)
    await client.send('x')
    await quiet(() => 0)
    expect(engine.count('close')).toBe(0)
    engine.pass(600)
    await engine.told('close')

    expect(engine.events.at(-1)).toBe('close')
  })

  it('may not hold its connection by sending too much of an unread body', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    await using engine = await startEngine(({ respond }) => respond({ status: 200 }))
    using client = await engine.connect({ allowHalfOpen: true })

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n')
    await client.readResponse()
    for (let second = 1; second < 30; second++) {
      vi.advanceTimersByTime(1000)
      await client.send(`8000\r\n${'x'.repeat(0x8000)}\r\n`)
      await quiet(() => 0)
    }
    expect(engine.count('close')).toBe(0)
    engine.pass(1100)
    await engine.told('close')

    expect(engine.events.at(-1)).toBe('close')
  })

  it('may not send the rest of an unread body for ever', async () => {
    await using engine = await startEngine(({ respond }) => respond({ status: 200 }))
    using client = await engine.connect()

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n')
    await client.readResponse()
    engine.pass(2100)

    expect(await client.readToEnd()).toHaveLength(0)
    expect(engine.count('close')).toBe(1)
  })
})

/** A body that is given in one piece, so that the exchange ends while the wire still writes. */
function atOnce(bytes: Buffer): BodySource {
  return {
    length: bytes.length,
    start(sink) {
      sink.write(bytes, 0, bytes.length)
      sink.end(undefined)
    },
    resume: () => undefined,
    cancel: () => undefined,
  }
}
