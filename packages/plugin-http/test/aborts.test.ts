import {
  chunked,
  closeAfterHead,
  closeBeforeResponse,
  connect,
  early,
  interim,
  malformed,
  type RawClient,
  Reply,
  raw,
  reply,
  resetAfter,
  startUpstream,
} from '@gatewright/testing'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { startBehind } from './behind.ts'
import { Random } from './random.ts'

const exchanges = Number(process.env['GATEWRIGHT_ABORTS'] ?? 2000)
const clients = 40

describe(`${exchanges} exchanges that break off somewhere`, () => {
  const rejections: unknown[] = []
  const note = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', note)
  afterAll(() => void process.off('unhandledRejection', note))

  it.each([
    ['any number of connections', {}],
    ['three connections', { max_connections_per_server: 3, connect_timeout: '300ms' }],
  ])('leave nothing behind, over %s', { timeout: 120_000 }, async (_what, balancer) => {
    const random = new Random(7)
    await using upstream = await startUpstream(() => random.pick(behaviours), { strict: false })
    await using gateway = await startBehind(upstream, { balancer })
    let left = exchanges

    await Promise.all(
      Array.from({ length: clients }, async () => {
        while (left-- > 0) await breakOff(gateway.port(), random)
      }),
    )

    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0), { timeout: 10_000 })
    expect(gateway.endpoint().active).toBe(0)
    expect(gateway.logs.find({ level: 'error' })).toEqual([])
    expect(upstream.requests.length).toBeGreaterThan(exchanges / 10)
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
  interim([{ status: 103 }], reply(200, { connection: 'close' }, 'x')),
  raw('HTTP/1.1 200 OK\r\n\r\nuntil the end', { end: true }),
  closeBeforeResponse(),
  closeAfterHead(),
  malformed('chunk'),
  resetAfter(10, reply(200, {}, 'cut')),
  resetAfter(2000, reply(200, {}, 'x'.repeat(5000))),
  new Reply(({ gone }) => gone.then(() => undefined)),
]

const body = 'y'.repeat(30_000)
const requests: [string, ...string[]] = [
  'GET /a HTTP/1.1\r\nHost: h\r\n\r\n',
  'GET /a HTTP/1.0\r\n\r\n',
  'GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n',
  `POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  'POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel',
  'POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nnonsense',
  'POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
  'nonsense\r\n\r\n',
]

/** One connection that ends in one of many ways, most of them too early. */
async function breakOff(port: number, random: Random): Promise<void> {
  using client = await connect(port)
  const whole = Buffer.from(random.pick(requests), 'latin1')
  const sent = random.chance(0.5) ? whole : whole.subarray(0, random.below(whole.length))
  for (const piece of random.split(sent, 3)) void client.send(piece)
  for (let turn = random.below(5); turn > 0; turn--) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (sent.length === whole.length && random.chance(0.5)) await readSome(client)
  if (random.chance(0.4)) client.reset()
  else if (random.chance(0.5)) client.end()
}

/** Waits for the first byte, or for the end, or for neither if the upstream is one that hangs. */
async function readSome(client: RawClient): Promise<void> {
  const patience = new Promise<void>((resolve) => {
    let turns = 200
    const wait = (): void => void (turns-- > 0 ? setImmediate(wait) : resolve())
    wait()
  })
  await Promise.race([client.readBytes(1).then(nothing, nothing), patience])
}

function nothing(): void {
  // Being reset is one of the outcomes.
}
