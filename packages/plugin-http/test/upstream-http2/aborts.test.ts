import { connect } from '@gatewright/testing'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { startBehind } from '../behind.ts'
import { Random } from '../random.ts'
import { Code, Flag, Frame, FrameServer, onRequest } from './frame-server.ts'
import { type Answer, bodyOf, respond, startHttp2Upstream } from './http2-upstream.ts'

const exchanges = Number(process.env['GATEWRIGHT_ABORTS'] ?? 1000)

describe('a client that goes away', () => {
  it.each([
    ['while it waits', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'],
    [
      'within its upload',
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
    ],
    [
      'within its upload of known length',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc',
    ],
  ])(
    '%s resets its stream at once, and never passes for one that is done',
    async (_when, bytes) => {
      await using server = await FrameServer.start(onRequest(() => undefined))
      await using gateway = await startBehind(server)
      const client = await gateway.connect()

      await client.send(bytes)
      await expect.poll(() => server.received(Frame.headers).length).toBe(1)
      if (bytes.startsWith('POST')) {
        await expect.poll(() => server.received(Frame.data).length).toBe(1)
      }
      client.reset()

      await expect.poll(() => server.resets()).toEqual([Code.cancel])
      const ends = server.received(Frame.data).filter(({ flags }) => flags === Flag.endStream)
      expect(ends).toEqual([])
      await expect.poll(() => gateway.endpoint().active).toBe(0)
    },
  )

  it('within its response resets its stream, and leaves the others alone', async () => {
    const closed = Promise.withResolvers<number | undefined>()
    await using upstream = await startHttp2Upstream((arrived) => {
      if (arrived.headers[':path'] !== '/') return respond('fine')(arrived)
      const { stream } = arrived
      stream.on('close', () => closed.resolve(stream.rstCode))
      stream.respond()
      return stream.write('part')
    })
    await using gateway = await startBehind(upstream)
    const client = await gateway.connect()
    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await client.readHead()

    client.reset()

    expect(await closed.promise).toBe(Code.cancel)
    expect((await gateway.request('/other')).text).toBe('fine')
    expect(upstream.sessions).toHaveLength(1)
  })

  it('again and again does not make the server close a connection that others use', async () => {
    const upstreamOptions = { streamResetBurst: 150, streamResetRate: 1 }
    await using upstream = await startHttp2Upstream((arrived) => {
      if (arrived.headers[':path'] === '/stay') arrived.stream.respond()
    }, upstreamOptions)
    await using gateway = await startBehind(upstream)
    using patient = await gateway.connect()
    await patient.send('GET /stay HTTP/1.1\r\nHost: h\r\n\r\n')
    await patient.readHead()

    for (let seen = 1; seen < 300; seen++) {
      const client = await gateway.connect()
      await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
      await expect.poll(() => upstream.arrived.length, { interval: 1 }).toBe(seen + 1)
      client.reset()
      await expect.poll(() => gateway.endpoint().active, { interval: 1 }).toBe(1)
    }
    upstream.arrived[0]?.stream.end('patience')

    expect(await patient.readUntil('patience')).toContain('patience')
    expect(upstream.sessions.length).toBeGreaterThan(1)
  })

  it('while its request is sent once more resets that stream', async () => {
    await using server = await FrameServer.start(
      onRequest((connection) => {
        if (connection.index === 0) connection.goaway(0, Code.none)
      }),
    )
    await using gateway = await startBehind(server)
    const client = await gateway.connect()
    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc')
    await expect.poll(() => server.received(Frame.headers).length).toBe(2)

    client.reset()

    await expect.poll(() => server.resets()).toEqual([Code.cancel])
    await expect.poll(() => gateway.endpoint().active).toBe(0)
  })

  it('while it waits for a connection takes its place in the queue along', async () => {
    await using server = await FrameServer.start(
      () => undefined,
      () => undefined,
    )
    await using gateway = await startBehind(server)
    const client = await gateway.connect()
    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await expect.poll(() => server.connections.length).toBe(1)

    client.reset()
    await expect.poll(() => gateway.endpoint().active).toBe(0)
    server.connections[0]?.settings()
    await expect
      .poll(() => server.received(Frame.settings).some(({ flags }) => flags === Flag.ack))
      .toBe(true)

    expect(server.received(Frame.headers)).toEqual([])
  })
})

describe(`${exchanges} exchanges with a server of HTTP/2 that break off somewhere`, () => {
  const rejections: unknown[] = []
  const note = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', note)
  afterAll(() => void process.off('unhandledRejection', note))

  it.each([
    ['as many streams as they like', {}, {}],
    [
      'two connections of three streams',
      { max_connections_per_server: 2, connect_timeout: '300ms' },
      { maxConcurrentStreams: 3 },
    ],
  ])('leave nothing behind, over %s', { timeout: 120_000 }, async (_what, balancer, settings) => {
    const random = new Random(11)
    await using upstream = await startHttp2Upstream((arrived) => random.pick(behaviours)(arrived), {
      settings,
    })
    await using gateway = await startBehind(upstream, { balancer })
    let left = exchanges

    await Promise.all(
      Array.from({ length: 40 }, async () => {
        while (left-- > 0) await breakOff(gateway.port(), random)
      }),
    )

    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0), { timeout: 10_000 })
    expect(gateway.endpoint().active).toBe(0)
    expect(gateway.logs.find({ level: 'error' })).toEqual([])
    expect(upstream.arrived.length).toBeGreaterThan(exchanges / 10)
    await vi.waitFor(() => expect(upstream.streams).toBe(0), { timeout: 10_000 })
    await gateway.close()
    await vi.waitFor(() => expect(upstream.open).toBe(0), { timeout: 10_000 })
    expect(rejections).toEqual([])
  })
})

const behaviours: [Answer, ...Answer[]] = [
  respond('whole'),
  respond('x'.repeat(300_000)),
  async (arrived) => {
    await bodyOf(arrived).catch(() => '')
    if (!arrived.stream.destroyed) respond('read')(arrived)
  },
  ({ stream }) => {
    stream.respond({}, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1' }))
    stream.end('trailed')
  },
  ({ stream }) => stream.respond({ ':status': 204 }, { endStream: true }),
  ({ stream }) => stream.close(Code.refused),
  ({ stream }) => stream.destroy(new Error('broken')),
  ({ stream }) => {
    stream.respond()
    stream.write('part')
    setImmediate(() => stream.destroy(new Error('broken')))
  },
  ({ stream, session }) => {
    stream.respond()
    stream.end('the last one')
    session.close()
  },
  ({ session }) => session.destroy(),
  () => undefined,
]

const body = 'y'.repeat(30_000)
const requests: [string, ...string[]] = [
  'GET /a HTTP/1.1\r\nHost: h\r\n\r\n',
  'HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n',
  'GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n',
  `POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  'POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n',
  'POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel',
  'POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nnonsense',
]

/** One connection that ends in one of many ways, most of them too early. */
async function breakOff(port: number, random: Random): Promise<void> {
  using client = await connect(port)
  const whole = Buffer.from(random.pick(requests), 'latin1')
  const sent = random.chance(0.7) ? whole : whole.subarray(0, random.below(whole.length))
  for (const piece of random.split(sent, 3)) void client.send(piece)
  let turns = random.below(20)
  if (sent.length === whole.length && random.chance(0.5)) {
    turns += 200
    void client.readBytes(1).then(stop, stop)
  }
  while (turns-- > 0) await new Promise((resolve) => setImmediate(resolve))
  if (random.chance(0.4)) client.reset()
  else if (random.chance(0.5)) client.end()

  function stop(): void {
    turns = 0
  }
}
