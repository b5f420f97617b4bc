import {
  chunked,
  closeAfterHead,
  closeBeforeResponse,
  early,
  malformed,
  Reply,
  reply,
  resetAfter,
  startUpstream,
} from '@gatewright/testing'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { startBehind } from '../behind.ts'
import { Random } from '../random.ts'
import { connectRaw, Flag, Frame, get, number32, type RawHttp2 } from './raw-http2.ts'

const connections = Number(process.env['GATEWRIGHT_ABORTS'] ?? 300)
const clients = 20

describe(`${connections} connections of HTTP/2 that break off somewhere`, () => {
  const rejections: unknown[] = []
  const note = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', note)
  afterAll(() => void process.off('unhandledRejection', note))

  it('leave nothing behind', { timeout: 120_000 }, async () => {
    const random = new Random(11)
    await using upstream = await startUpstream(() => random.pick(behaviours), { strict: false })
    await using gateway = await startBehind(upstream)
    let left = connections

    await Promise.all(
      Array.from({ length: clients }, async () => {
        while (left-- > 0) await breakOff(gateway.port(), random)
      }),
    )

    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0), { timeout: 20_000 })
    expect(gateway.endpoint().active).toBe(0)
    expect(gateway.logs.find({ level: 'error' })).toEqual([])
    expect(upstream.requests.length).toBeGreaterThan(connections)
    await gateway.close()
    await vi.waitFor(() => expect(upstream.connections.open).toBe(0), { timeout: 10_000 })
    expect(rejections).toEqual([])
  })
})

const behaviours: [Reply, ...Reply[]] = [
  reply(200, {}, 'whole'),
  reply(200, {}, 'x'.repeat(300_000)),
  reply(204),
  chunked(200, {}, ['a', 'b'.repeat(5000), 'c'], { 'x-sum': '1' }),
  early(reply(200, {}, 'early')),
  closeBeforeResponse(),
  closeAfterHead(),
  malformed('chunk'),
  resetAfter(2000, reply(200, {}, 'x'.repeat(5000))),
  new Reply(({ gone }) => gone.then(() => undefined)),
]

const post = [[':method', 'POST'], ...get.slice(1)] as const

/** What a client may do with one stream. */
const acts: [Act, ...Act[]] = [
  (client, stream) => client.request(stream, get),
  (client, stream) => {
    client.request(stream, get)
    client.reset(stream)
  },
  (client, stream) => {
    client.request(stream, post, Flag.endHeaders)
    client.send(Frame.data, Flag.endStream, stream, Buffer.alloc(10_000))
  },
  (client, stream) => {
    client.request(stream, post, Flag.endHeaders)
    client.send(Frame.data, Flag.none, stream, Buffer.alloc(10_000))
  },
  (client, stream) => {
    client.request(stream, post, Flag.endHeaders)
    client.send(Frame.data, Flag.none, stream, Buffer.alloc(10_000))
    client.reset(stream, 0)
  },
  (client, stream) => {
    client.request(stream, post, Flag.endHeaders)
    client.request(stream, [['x-end', '1']])
  },
  (client) => client.send(Frame.windowUpdate, Flag.none, 0, number32(100_000)),
  (client) => client.send(Frame.ping, Flag.none, 0, Buffer.alloc(8)),
  (client) => client.send(99, Flag.none, 0, Buffer.from('nonsense')),
]

type Act = (client: RawHttp2, stream: number) => void

/** Does something on a few streams, and goes, or has to. */
async function breakOff(port: number, random: Random): Promise<void> {
  using client = await connectRaw(port)
  client.begin()
  for (let i = 0; i < 8; i++) random.pick(acts)(client, 2 * i + 1)
  client.request(101, get)
  // Each answer is another moment in the lives of the streams.
  for (let moment = random.below(5); moment > 0; moment--) {
    const seen = client.frames.length
    client.send(Frame.ping, Flag.none, 0, Buffer.alloc(8))
    await client.first((frame) => client.frames.indexOf(frame) >= seen)
  }
}
