import { describe, expect, it } from 'vitest'
import { startBehind } from '../behind.ts'
import {
  Code,
  Flag,
  Frame,
  FrameServer,
  field,
  ok,
  onRequest,
  type Script,
} from './frame-server.ts'

describe('a server that does not keep to HTTP/2', () => {
  it.each<[what: string, script: Script]>([
    [
      'a frame of a size that is not allowed',
      (connection) => connection.send(Frame.ping, 0, 0, Buffer.alloc(3)),
    ],
    ['data on a stream that nobody opened', (connection) => connection.data(99, 'x')],
    [
      'a pushed response',
      (connection, { stream }) => {
        const promised = Buffer.from([0, 0, 0, 2, 0x82, 0x86, 0x84])
        connection.send(Frame.pushPromise, Flag.endHeaders, stream, promised)
      },
    ],
    [
      'a head that cannot be decoded',
      (connection, { stream }) => connection.headers(stream, Buffer.from([0xff, 0xff, 0xff, 0xff])),
    ],
    [
      'a window beyond all bounds',
      (connection) => {
        connection.send(Frame.windowUpdate, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff]))
      },
    ],
  ])('by %s is a 502', async (_what, script) => {
    await using server = await FrameServer.start((connection, frame) => {
      onRequest(() => script(connection, frame))(connection, frame)
    })
    await using gateway = await startBehind(server)

    const response = await gateway.request('/', { method: 'POST', body: 'x' })

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_PROTOCOL' })
    await Promise.all(server.connections.map(({ gone }) => gone))
  })

  it.each<[what: string, block: Buffer]>([
    ['no status', field('x-a', '1')],
    ['two statuses', Buffer.concat([ok, ok])],
    ['a status that is none', field(':status', '2x0')],
    ['101', field(':status', '101')],
    ['a pseudo field of requests', Buffer.concat([ok, field(':path', '/')])],
    ['a pseudo field behind others', Buffer.concat([field('x-a', '1'), ok])],
    ['a name in capitals', Buffer.concat([ok, field('X-A', '1')])],
    ['a field of connections', Buffer.concat([ok, field('connection', 'close')])],
    ['a transfer coding', Buffer.concat([ok, field('transfer-encoding', 'chunked')])],
    [
      'two lengths',
      Buffer.concat([ok, field('content-length', '1'), field('content-length', '2')]),
    ],
    ['a length that is none', Buffer.concat([ok, field('content-length', '1x')])],
  ])('by a head with %s is a 502', async (_what, block) => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => connection.headers(stream, block, true)),
    )
    await using gateway = await startBehind(server)

    const response = await gateway.request('/', { method: 'POST', body: 'x' })

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_PROTOCOL' })
  })

  it.each([
    ['66 fields of 1 KiB', 66, 'x'.repeat(1000), 'GW_HTTP1_RESPONSE_TOO_LARGE'],
    ['200 fields', 200, 'x', 'GW_UPSTREAM_RESET'],
  ])('by a head of %s is a 502', async (_what, count, value, code) => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        const fields = Array.from({ length: count }, () => longField('x-a', value))
        const block = Buffer.concat([ok, ...fields])
        connection.send(Frame.headers, 0, stream, block.subarray(0, 10))
        for (let from = 10; from < block.length; from += 16_000) {
          const end = from + 16_000 >= block.length ? Flag.endHeaders : 0
          connection.send(Frame.continuation, end, stream, block.subarray(from, from + 16_000))
        }
      }),
    )
    await using gateway = await startBehind(server)

    const response = await gateway.request('/')

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code })
    expect(gateway.endpoint().active).toBe(0)
  })

  it('by a head without end is a 502', async () => {
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        connection.send(Frame.headers, 0, stream, ok)
        for (let i = 0; i < 1000; i++) connection.send(Frame.continuation, 0, stream)
      }),
    )
    await using gateway = await startBehind(server)

    const response = await gateway.request('/')

    expect(response.status).toBe(502)
    await Promise.all(server.connections.map(({ gone }) => gone))
  })

  it('by interim responses without end is a 502', async () => {
    const hints = Buffer.concat([field(':status', '103'), field('link', 'x'.repeat(120))])
    await using server = await FrameServer.start(
      onRequest((connection, stream) => {
        for (let i = 0; i < 1000; i++) connection.headers(stream, hints)
      }),
    )
    await using gateway = await startBehind(server)

    const response = await gateway.request('/')

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_HTTP1_RESPONSE_TOO_LARGE' })
    await expect.poll(() => server.resets()).toEqual([Code.cancel])
  })

  it.each([
    ['pings', Frame.ping, Buffer.alloc(8)],
    ['settings', Frame.settings, Buffer.alloc(0)],
  ])('by %s without end loses its connection', async (_what, type, payload) => {
    await using server = await FrameServer.start(
      onRequest((connection) => {
        // Nothing of what it gets is read, so the answers pile up.
        connection.socket.pause()
        for (let i = 0; i < 200_000; i++) connection.send(type, 0, 0, payload)
      }),
    )
    await using gateway = await startBehind(server)

    const response = await gateway.request('/')

    expect(response.status).toBe(502)
  })
})

/** A field as a literal without indexing, of any size. */
function longField(name: string, value: string): Buffer {
  const size = value.length
  if (size < 127) return field(name, value)
  const rest = size - 127
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([127, (rest & 127) | 128, rest >> 7]),
    Buffer.from(value),
  ])
}
