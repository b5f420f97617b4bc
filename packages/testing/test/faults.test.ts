import { describe, expect, it, vi } from 'vitest'
import {
  after,
  closeAfterHead,
  closeBeforeResponse,
  connect,
  deadUrl,
  drip,
  early,
  endAfter,
  hang,
  malformed,
  raw,
  reply,
  request,
  requestBytes,
  resetAfter,
  startUpstream,
  unread,
  withExtra,
} from '../src/index.ts'

const get = requestBytes('GET', '/', 'a')

describe('faults', () => {
  it('after: answers when the promise resolves', async () => {
    const gate = Promise.withResolvers<void>()
    const answered = vi.fn<() => void>()
    await using upstream = await startUpstream(after(gate.promise, reply(200)))

    const response = request(upstream.url)
    void response.then(answered)
    await upstream.nextRequest()
    expect(answered).not.toHaveBeenCalled()
    gate.resolve()

    expect((await response).status).toBe(200)
  })

  it('drip: sends piece by piece, each when it is told', async () => {
    let next = Promise.withResolvers<void>()
    await using upstream = await startUpstream(
      drip(reply(200, {}, 'abc'), { bytes: 20, between: () => next.promise }),
    )
    using client = await connect(upstream.port)
    const whole = 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc'

    await client.send(get)
    expect((await client.readBytes(20)).toString()).toBe(whole.slice(0, 20))
    const step = next
    next = Promise.withResolvers<void>()
    step.resolve()
    expect((await client.readBytes(20)).toString()).toBe(whole.slice(20, 40))
    next.resolve()

    expect((await client.readBytes(1)).toString()).toBe('c')
  })

  it('drip: sends every byte by default', async () => {
    await using upstream = await startUpstream(drip(reply(200, {}, 'slow')))

    expect((await request(upstream.url)).text).toBe('slow')
  })

  it('hang: reads the request and never answers', async () => {
    await using upstream = await startUpstream(hang())
    using client = await connect(upstream.port)

    await client.send(requestBytes('POST', '/', 'a', { body: 'read' }))
    const received = await upstream.nextRequest()
    client.reset()

    expect(received.text).toBe('read')
    expect(await received.gone).toBe('reset')
  })

  it('early: answers while the body is still under way', async () => {
    await using upstream = await startUpstream(early(reply(413)))
    using client = await connect(upstream.port)

    await client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab')
    expect((await client.readResponse()).status).toBe(413)
    await client.send('cde')

    expect(await upstream.requests[0]?.completed).toBe(true)
  })

  it('unread: makes the sender wait', async () => {
    const gate = Promise.withResolvers<void>()
    const sent = vi.fn<() => void>()
    await using upstream = await startUpstream(unread(gate.promise, reply(200)))
    using client = await connect(upstream.port)
    const body = Buffer.alloc(32 * 1024 * 1024)

    const sending = client.send(requestBytes('POST', '/', 'a', { body })).then(sent)
    const received = await upstream.nextHead()
    expect(received.complete).toBe(false)
    expect(sent).not.toHaveBeenCalled()
    gate.resolve()

    expect((await client.readResponse()).status).toBe(200)
    await sending
    expect(received.body).toHaveLength(body.length)
  })

  it('resetAfter: sends the first bytes and then a reset', async () => {
    await using upstream = await startUpstream(resetAfter(12, reply(200)))
    using client = await connect(upstream.port)

    await client.send(get)

    expect((await client.readBytes(12)).toString()).toBe('HTTP/1.1 200')
    expect(await client.closed()).toBe('reset')
  })

  it('resetAfter: resets without a byte', async () => {
    await using upstream = await startUpstream(resetAfter(0, reply(200)))

    await expect(request(upstream.url)).rejects.toMatchObject({
      code: 'GW_TESTING_CONNECTION_LOST',
      message: expect.stringContaining('reset'),
    })
  })

  it('endAfter: sends the first bytes and then closes in order', async () => {
    await using upstream = await startUpstream(endAfter(12, reply(200)))
    using client = await connect(upstream.port)

    await client.send(get)

    expect((await client.readToEnd()).toString()).toBe('HTTP/1.1 200')
  })

  it('closeBeforeResponse: closes without a byte', async () => {
    await using upstream = await startUpstream(closeBeforeResponse())
    using client = await connect(upstream.port)

    await client.send(get)

    expect(await client.readToEnd()).toHaveLength(0)
  })

  it('closeAfterHead: closes before the body it announced', async () => {
    await using upstream = await startUpstream(closeAfterHead())
    using client = await connect(upstream.port)

    await client.send(get)
    const head = await client.readHead()

    expect(head.rawHeaders).toEqual(['content-length', '10'])
    expect(await client.readToEnd()).toHaveLength(0)
  })

  it.each(['status-line', 'header', 'length', 'chunk'] as const)(
    'malformed: breaks the %s and stays open',
    async (place) => {
      await using upstream = await startUpstream(malformed(place))

      await expect(request(upstream.url)).rejects.toMatchObject({ code: 'GW_TESTING_WIRE' })
    },
  )

  it('raw: sends any bytes', async () => {
    await using upstream = await startUpstream(raw('\x00\xffanything', { end: true }))
    using client = await connect(upstream.port)

    await client.send(get)

    expect((await client.readToEnd()).toString('latin1')).toBe('\x00\xffanything')
  })

  it('withExtra: sends bytes that belong to nothing', async () => {
    await using upstream = await startUpstream(
      withExtra(reply(200, {}, 'ok'), 'HTTP/1.1 200 surprise'),
    )
    using client = await connect(upstream.port)

    await client.send(get)
    await client.readResponse()

    expect((await client.readBytes(21)).toString()).toBe('HTTP/1.1 200 surprise')
  })

  it('deadUrl: refuses connections, and no server gets its port', async () => {
    const url = await deadUrl()

    await expect(request(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(request(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
