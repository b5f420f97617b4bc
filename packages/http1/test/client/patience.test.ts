import { Readable } from 'node:stream'
import { errors } from '@gatewright/kernel'
import {
  chunked,
  hang,
  interim,
  Reply,
  raw,
  reply,
  startUpstream,
  unread,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { quiet } from '../quiet.ts'
import { readBody, Sender } from './sender.ts'

describe('an upstream', () => {
  it('has so long for a response head, from the last byte of the request on', async () => {
    await using upstream = await startUpstream(hang())
    using sender = new Sender(upstream.url)
    const body = new Readable({ read: () => undefined })
    body.push('slow')

    const outcome = sender.send({ method: 'POST', body })
    const request = await upstream.nextHead()
    sender.pass(60_000)
    body.push(null)
    await request.completed
    sender.pass(29_900)
    expect(sender.pool.size).toBe(1)
    sender.pass(30_100)

    expect((await outcome).error).toMatchObject({
      code: 'GW_UPSTREAM_RESPONSE_TIMEOUT',
      status: 504,
      message: expect.stringContaining('30000 ms'),
    })
    expect(await request.gone).toBe('end')
  })

  it('gets no more time for interim responses', async () => {
    await using upstream = await startUpstream(interim([{ status: 103 }], hang()))
    using sender = new Sender(upstream.url)

    const outcome = sender.send()
    await vi.waitFor(() => expect(sender.informed).toEqual([103]))
    sender.pass(30_100)

    expect((await outcome).error?.code).toBe('GW_UPSTREAM_RESPONSE_TIMEOUT')
  })

  it('that does not take a request is given up after the idle time', async () => {
    await using upstream = await startUpstream(unread(new Promise(() => undefined), reply()))
    using sender = new Sender(upstream.url, { idleTimeoutMs: 60_000 })
    const body = Buffer.alloc(64 * 1024 * 1024)

    const outcome = sender.send({ method: 'POST', body })
    await upstream.nextHead()
    await quiet(() => 0)
    sender.pass(59_000)
    expect(sender.pool.size).toBe(1)
    sender.pass(61_000)

    expect((await outcome).error).toMatchObject({
      code: 'GW_UPSTREAM_RESPONSE_TIMEOUT',
      message: expect.stringContaining('60000 ms'),
    })
  })

  it('may not stop within a body for longer than the idle time', async () => {
    await using upstream = await startUpstream(
      raw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nsome'),
    )
    using sender = new Sender(upstream.url)

    const { response } = await sender.begin().outcome
    const text = readBody(response)
    sender.pass(299_000)
    expect(sender.pool.size).toBe(1)
    sender.pass(301_000)

    await expect(text).rejects.toMatchObject({ code: 'GW_UPSTREAM_BODY_TIMEOUT', status: 504 })
  })

  it('is not blamed while nobody takes its body', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'body'))
    using sender = new Sender(upstream.url)

    const { response } = await sender.begin().outcome
    sender.pass(3_000_000)

    expect(await readBody(response)).toBe('body')
  })

  it('may not take longer than the total time, even if it goes on', async () => {
    await using upstream = await startUpstream(chunked(200, {}, endless), { strict: false })
    using sender = new Sender(upstream.url, { totalTimeoutMs: 10_000, idleTimeoutMs: 0 })

    const { response } = await sender.begin().outcome
    const text = readBody(response)
    sender.pass(9000)
    expect(sender.pool.size).toBe(1)
    sender.pass(10_100)

    await expect(text).rejects.toMatchObject({
      code: 'GW_UPSTREAM_BODY_TIMEOUT',
      message: expect.stringContaining('10000 ms'),
    })
  })

  it('may take the total time if that is less than the time for a head', async () => {
    await using upstream = await startUpstream(hang())
    using sender = new Sender(upstream.url, { totalTimeoutMs: 1000 })

    const outcome = sender.send()
    await upstream.nextRequest()
    sender.pass(1100)

    expect((await outcome).error?.message).toContain('1000 ms')
  })
})

describe('an exchange that is aborted', () => {
  const aborted = errors.GW_CLIENT_ABORTED()

  it('before it is sent is not sent', async () => {
    await using upstream = await startUpstream()
    using sender = new Sender(upstream.url)

    const first = sender.begin()
    first.ctx.abort(aborted)

    expect((await first.outcome).error).toBe(aborted)
    expect(sender.pool.waiting).toBe(0)
    await vi.waitFor(() => expect(sender.pool.idle).toBe(1))
    expect(upstream.requests).toHaveLength(0)
  })

  it('while it waits for a connection leaves its place', async () => {
    await using upstream = await startUpstream(hang())
    using sender = new Sender(upstream.url, { maxConnections: 1 })
    void sender.send()
    await upstream.nextRequest()

    const { ctx, outcome } = sender.begin()
    ctx.abort(aborted)

    expect((await outcome).error).toBe(aborted)
    expect(sender.pool.waiting).toBe(0)
    expect(sender.pool.size).toBe(1)
  })

  it('while its request is sent closes the connection', async () => {
    await using upstream = await startUpstream(hang())
    using sender = new Sender(upstream.url)
    const body = new Readable({ read: () => undefined })
    body.push('some')

    const { ctx, outcome } = sender.begin({ method: 'POST', body })
    const request = await upstream.nextHead()
    ctx.abort(aborted)

    expect((await outcome).error).toBe(aborted)
    expect(body.destroyed).toBe(true)
    await request.gone
    expect(sender.pool.unused).toBe(true)
  })

  it('while it waits for a response closes the connection', async () => {
    await using upstream = await startUpstream(hang())
    using sender = new Sender(upstream.url)

    const { ctx, outcome } = sender.begin()
    const request = await upstream.nextRequest()
    ctx.abort(aborted)

    expect((await outcome).error).toBe(aborted)
    await request.gone
    expect(sender.pool.unused).toBe(true)
  })

  it('within a response closes the connection and fails the body', async () => {
    await using upstream = await startUpstream(
      raw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nsome'),
    )
    using sender = new Sender(upstream.url)

    const { ctx, outcome } = sender.begin()
    const { response } = await outcome
    const text = readBody(response)
    ctx.abort(aborted)

    await expect(text).rejects.toBe(aborted)
    await (await upstream.nextRequest()).gone
    expect(sender.pool.unused).toBe(true)
  })

  it('after its response leaves the connection to the next one', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'x'))
    using sender = new Sender(upstream.url)

    const { ctx, outcome } = sender.begin()
    const { response } = await outcome
    await readBody(response)
    ctx.abort(aborted)

    expect(sender.pool.idle).toBe(1)
    expect(await sender.fetch()).toBe('x')
    expect(upstream.connections.total).toBe(1)
  })
})

describe('a body that cannot be sent', () => {
  it('fails the request with its own error', async () => {
    await using upstream = await startUpstream(hang())
    using sender = new Sender(upstream.url)
    const body = new Readable({ read: () => undefined })

    const outcome = sender.send({ method: 'POST', body })
    const request = await upstream.nextHead()
    body.destroy(errors.GW_BODY_TOO_LARGE({ limit: 1 }))

    expect((await outcome).error).toMatchObject({ code: 'GW_BODY_TOO_LARGE', status: 413 })
    await request.gone
    expect(sender.pool.unused).toBe(true)
  })

  it.each([
    ['shorter', 10],
    ['longer', 2],
  ])('is %s than it says', async (_how, length) => {
    await using upstream = await startUpstream(new Reply(() => new Promise(() => undefined)))
    using sender = new Sender(upstream.url)
    const body = {
      length,
      start(sink: { write: (...args: [Uint8Array, number, number]) => boolean; end: () => void }) {
        if (sink.write(Buffer.from('12345'), 0, 5)) sink.end()
      },
      resume: () => undefined,
      cancel: () => undefined,
    }

    const { error } = await sender.send({ method: 'POST', body: body as never })

    expect(error).toMatchObject({ code: 'GW_INTERNAL', status: 500 })
    expect(sender.pool.unused).toBe(true)
  })
})

describe('a request that cannot be sent', () => {
  it.each([
    ['method', { method: 'GE T' }],
    ['target', { target: '/a b' }],
    ['field', { headers: ['x-a', 'b\nc'] }],
  ])('for its %s fails, and the connection is kept', async (_what, sending) => {
    await using upstream = await startUpstream()
    using sender = new Sender(upstream.url)
    await sender.fetch()

    const { error } = await sender.send(sending)

    expect(error?.status).toBe(500)
    expect(sender.pool.idle).toBe(1)
    expect(upstream.requests).toHaveLength(1)
  })
})

async function* endless(): AsyncGenerator<string> {
  for (;;) {
    yield 'more'
    await new Promise((resolve) => setImmediate(resolve))
  }
}
