import type { BodySink, BodySource } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { startEngine } from './engine.ts'

const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'
const limits = { headerTimeoutMs: 1000, keepAliveMs: 5000 }

describe('a client of a gateway that another one takes over from', () => {
  it('gets a last request answered while its idle connection is drained patiently', async () => {
    await using engine = await startEngine(undefined, limits)
    using client = await engine.connect()
    await client.send(get)
    await client.readResponse()

    engine.connections[0]?.drain(1000)
    engine.pass(900)
    await client.send(get)
    const response = await client.readResponse()

    expect(response.status).toBe(200)
    expect(response.headers['connection']).toBe('close')
    expect(await client.closed()).toBe('end')
  })

  it('gets a last request answered after a response that was on its way when the drain began', async () => {
    let sink: BodySink | undefined
    const body: BodySource = {
      length: undefined,
      start: (taker) => void (sink = taker),
      resume: () => undefined,
      cancel: () => undefined,
    }
    const bodies = [body]
    await using engine = await startEngine(
      ({ respond }) => respond({ status: 200, body: bodies.shift() ?? null }),
      limits,
    )
    using client = await engine.connect()
    await client.send(get)
    expect((await client.readHead()).rawHeaders).not.toContain('connection')

    engine.connections[0]?.drain(1000)
    sink?.end(undefined)
    await client.readUntil('0\r\n\r\n')
    engine.pass(900)
    await client.send(get)

    expect((await client.readHead()).rawHeaders).toContain('connection')
  })

  it('loses an idle connection that is drained patiently once the patience is over', async () => {
    await using engine = await startEngine(undefined, limits)
    using client = await engine.connect()
    await client.send(get)
    await client.readResponse()

    engine.connections[0]?.drain(1000)
    engine.pass(1100)

    expect(await client.readToEnd()).toHaveLength(0)
  })
})
