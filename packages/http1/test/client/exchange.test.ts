import { Readable } from 'node:stream'
import {
  after,
  chunked,
  closeAfterHead,
  drip,
  early,
  endAfter,
  interim,
  malformed,
  Reply,
  raw,
  reply,
  resetAfter,
  startUpstream,
  switching,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { readBody, Sender } from './sender.ts'

describe('a response', () => {
  it('is read however its bytes are split', async () => {
    const body = 'The quick brown fox'
    await using upstream = await startUpstream([
      drip(reply(200, { 'x-a': '1' }, body)),
      drip(chunked(200, {}, ['one', 'two'], { 'x-sum': '6' })),
      drip(interim([{ status: 103 }], reply(204))),
    ])
    using sender = new Sender(upstream.url)

    expect(await sender.fetch()).toBe(body)
    expect(await sender.fetch()).toBe('onetwo')
    expect(await sender.fetch()).toBe('')
    expect(upstream.connections.total).toBe(1)
  })

  it('to HEAD, and those with 204 and 304, have no body', async () => {
    const described = 'HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n'
    await using upstream = await startUpstream([
      reply(200, {}, 'described'),
      reply(204),
      raw(described),
      reply(200, {}, 'end'),
    ])
    using sender = new Sender(upstream.url)

    expect(await sender.fetch({ method: 'HEAD' })).toBe('')
    expect(await sender.fetch()).toBe('')
    expect(await sender.fetch()).toBe('')
    expect(await sender.fetch()).toBe('end')
    expect(upstream.connections.total).toBe(1)
  })

  it('answers the method that was sent, whatever became of the request since', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream(after(gate.promise, reply(200, {}, 'body')))
    using sender = new Sender(upstream.url)

    const { ctx, outcome } = sender.begin()
    await upstream.nextRequest()
    ctx.request.method = 'HEAD'
    gate.resolve()
    const { response } = await outcome

    expect(response?.hasBody).toBe(true)
    response?.discard()
  })

  it('comes with what goes before it, except 100', async () => {
    const heads = [{ status: 100 }, { status: 102 }, { status: 103, headers: { link: '</a>' } }]
    await using upstream = await startUpstream(interim(heads, reply(200, {}, 'x')))
    using sender = new Sender(upstream.url)

    expect(await sender.fetch()).toBe('x')
    expect(sender.informed).toEqual([102, 103])
  })

  it('that switches protocols unasked is refused', async () => {
    await using upstream = await startUpstream(switching('websocket'))
    using sender = new Sender(upstream.url)

    const { error } = await sender.send()

    expect(error).toMatchObject({ code: 'GW_UPSTREAM_PROTOCOL', status: 502 })
    expect(sender.pool.size).toBe(0)
  })

  it.each([
    ['status line', malformed('status-line')],
    ['field', malformed('header')],
    ['length', malformed('length')],
    ['version', raw('HTTP/3.0 200 OK\r\n\r\n')],
    ['beginning', raw('\u0016\u0003\u0001\u0002')],
    ['coding', raw('HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n')],
    ['pair of lengths', raw('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n')],
    [
      'length beside chunks',
      raw('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n'),
    ],
    ['interim response', raw('HTTP/1.1 103 Early Hints\r\nno colon\r\n\r\n')],
  ])('with a malformed %s is refused, and the connection closed', async (_what, behaviour) => {
    await using upstream = await startUpstream(behaviour)
    using sender = new Sender(upstream.url)

    const { error } = await sender.send()

    expect(error).toMatchObject({ code: 'GW_UPSTREAM_PROTOCOL', status: 502, retryable: false })
    expect(sender.pool.size).toBe(0)
    await (await upstream.nextRequest()).gone
  })

  it('whose head is too large is refused', async () => {
    await using upstream = await startUpstream(reply(200, { 'x-a': 'y'.repeat(70_000) }))
    using sender = new Sender(upstream.url)

    expect((await sender.send()).error).toMatchObject({
      code: 'GW_HTTP1_RESPONSE_TOO_LARGE',
      status: 502,
    })
  })

  it.each([
    ['resets within the head', resetAfter(10, reply()), 'reset'],
    ['ends within the head', endAfter(10, reply()), 'end'],
    ['resets before the head', resetAfter(0, reply()), 'reset'],
  ])('that an upstream %s is a failure of the upstream', async (_how, behaviour) => {
    await using upstream = await startUpstream(behaviour)
    using sender = new Sender(upstream.url)

    expect((await sender.send()).error).toMatchObject({
      code: 'GW_UPSTREAM_RESET',
      status: 502,
      retryable: false,
    })
    expect(sender.pool.unused).toBe(true)
  })

  it.each([
    ['ends early', closeAfterHead()],
    ['is reset', resetAfter(60, reply(200, {}, 'x'.repeat(100)))],
    ['ends between chunks', endAfter(60, chunked(200, {}, ['one', 'two', 'three']))],
  ])('whose body %s breaks off', async (_how, behaviour) => {
    await using upstream = await startUpstream(behaviour)
    using sender = new Sender(upstream.url)

    await expect(sender.fetch()).rejects.toMatchObject({ code: 'GW_UPSTREAM_RESET' })
    expect(sender.pool.unused).toBe(true)
  })

  it('with a malformed chunk breaks off', async () => {
    await using upstream = await startUpstream(malformed('chunk'))
    using sender = new Sender(upstream.url)

    await expect(sender.fetch()).rejects.toMatchObject({ code: 'GW_UPSTREAM_PROTOCOL' })
    expect(sender.pool.unused).toBe(true)
  })

  it('that was complete before the upstream went is whole, whenever it is read', async () => {
    const body = 'x'.repeat(1000)
    await using upstream = await startUpstream(reply(200, { connection: 'close' }, body))
    using sender = new Sender(upstream.url)

    const { response } = await sender.begin().outcome
    await vi.waitFor(() => expect(sender.pool.size).toBe(0))

    expect(await readBody(response)).toBe(body)
  })

  it('that ends with the connection is whole, even if nothing came after its head', async () => {
    await using upstream = await startUpstream([
      raw('HTTP/1.1 200 OK\r\n\r\n', { end: true }),
      raw('HTTP/1.1 200 OK\r\n\r\nuntil the end', { end: true }),
    ])
    using sender = new Sender(upstream.url)

    const { response } = await sender.begin().outcome
    await vi.waitFor(() => expect(sender.pool.size).toBe(0))
    expect(await readBody(response)).toBe('')
    expect(await sender.fetch()).toBe('until the end')
  })

  it('that nobody wants is read to its end if it is small, so that its connection goes on', async () => {
    await using upstream = await startUpstream(reply(503, {}, 'x'.repeat(20_000)))
    using sender = new Sender(upstream.url)

    await sender.send()
    await vi.waitFor(() => expect(sender.pool.idle).toBe(1))
    await sender.send()

    expect(upstream.connections.total).toBe(1)
  })

  it('that nobody wants costs its connection if it is large, or does not come', async () => {
    const stuck = raw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n')
    await using upstream = await startUpstream([reply(200, {}, 'x'.repeat(200_000)), stuck])
    using sender = new Sender(upstream.url)

    await sender.send()
    expect(sender.pool.size).toBe(0)
    await sender.send()
    expect(sender.pool.size).toBe(1)
    sender.pass(2100)
    expect(sender.pool.size).toBe(0)
  })
})

describe('an early response', () => {
  it('that is complete before the request is costs the connection and stops the upload', async () => {
    await using upstream = await startUpstream(early(reply(200, {}, 'early')))
    using sender = new Sender(upstream.url)
    const body = new Readable({ read: () => undefined })

    const outcome = sender.fetch({ method: 'POST', body })
    body.push('some')

    expect(await outcome).toBe('early')
    expect(sender.pool.size).toBe(0)
    await vi.waitFor(() => expect(body.destroyed).toBe(true))
  })

  it('goes on while the request does', async () => {
    const both = new Reply(async ({ request, readBody: readAll, write }) => {
      await write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nearly\r\n')
      await readAll()
      await write(`${request.body.length.toString(16)}\r\n${request.text}\r\n0\r\n\r\n`)
    })
    await using upstream = await startUpstream(both)
    using sender = new Sender(upstream.url)
    const body = new Readable({ read: () => undefined })
    body.push('la')

    const { response } = await sender.begin({ method: 'POST', body }).outcome
    const text = readBody(response)
    body.push('te')
    body.push(null)

    expect(await text).toBe('earlylate')
    expect(sender.pool.idle).toBe(1)
  })

  it('that refuses the request and will close stops the upload, and arrives whole', async () => {
    const refusal = new Reply(async ({ write, end }) => {
      await write('HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 7\r\n\r\nto')
      await new Promise((resolve) => setImmediate(resolve))
      await write('o big')
      end()
    })
    await using upstream = await startUpstream(refusal, { strict: false })
    using sender = new Sender(upstream.url)
    const body = new Readable({ read: () => undefined })
    body.push('some')

    const { response } = await sender.begin({ method: 'POST', body }).outcome

    expect(body.destroyed).toBe(true)
    expect(await readBody(response)).toBe('too big')
  })
})
