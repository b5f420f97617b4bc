import { once } from 'node:events'
import { connect, constants, createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { definePlugin, firstByteAt, type Plugin } from '@gatewright/kernel'
import {
  chunked,
  poolFile,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { EventStream, nextPiece, open } from './event-stream.ts'

const strict = `
  passive_health {
    error_threshold = 1
  }`

describe('a stream', () => {
  it.each([
    ['begins too late', 'first_byte_timeout = "50ms"', [], 'GW_STREAMING_FIRST_BYTE_TIMEOUT'],
    ['never begins', 'idle_timeout = "50ms"', [], 'GW_STREAMING_FIRST_BYTE_TIMEOUT'],
    ['falls silent', 'idle_timeout = "50ms"', ['data: 1\n\n'], 'GW_STREAMING_IDLE_TIMEOUT'],
  ])('that %s is cut off, and its server out', async (_what, bound, pieces, code) => {
    const stream = new EventStream()
    await using upstream = await startUpstream(stream.reply)
    const service = `streaming {\n${bound}\n}`
    const config = poolFile([upstream.url], { service, balancing: strict })
    await using gateway = await startGateway(config)
    using client = await gateway.connect()

    await open(client)
    for (const piece of pieces) stream.send(piece)
    const arrived: string[] = []
    for (const _ of pieces) arrived.push(await nextPiece(client))

    expect(await client.closed()).toBe('reset')
    expect(arrived).toEqual(pieces)
    await (await upstream.nextRequest()).gone
    expect(gateway.logs.find({ code, level: 'warn' })).toHaveLength(1)
    expect((await gateway.request('/')).status).toBe(503)
    expect(active(gateway)).toBe(0)
  })

  it('that has lasted as long as it may is cut off, which is not the fault of its server', async () => {
    await using upstream = await startUpstream([
      chunked(200, { 'content-type': 'text/event-stream' }, ticking),
      chunked(200, {}, ['still here']),
    ])
    const service = 'streaming {\ntotal_timeout = "50ms"\n}'
    const config = poolFile([upstream.url], { service, balancing: strict })
    await using gateway = await startGateway(config)
    using client = await gateway.connect()

    await open(client)
    const first = await nextPiece(client)

    expect(first).toBe('data: tick\n\n')
    expect(await client.closed()).toBe('reset')
    await (await upstream.nextRequest()).gone
    expect(gateway.logs.find({ code: 'GW_STREAMING_TOTAL_TIMEOUT', level: 'debug' })).toHaveLength(
      1,
    )
    expect((await gateway.request('/')).text).toBe('still here')
  })

  it.each(['', 'pipeline = true'])(
    'goes by its own bounds instead of those of its server (%s)',
    async (pipeline) => {
      const stream = new EventStream()
      const other = new EventStream('text/plain')
      await using upstream = await startUpstream([stream.reply, other.reply])
      const balancing = `${pipeline}
      stream_idle_timeout  = "50ms"
      stream_total_timeout = "60ms"`
      const service = 'streaming {\nidle_timeout = 0\ntotal_timeout = 0\n}'
      await using gateway = await startGateway(poolFile([upstream.url], { service, balancing }))
      using client = await gateway.connect()
      using impatient = await gateway.connect()

      await open(client)
      stream.send('data: 1\n\n')
      const first = await nextPiece(client)
      // Begun later, and as silent.
      await open(impatient)
      const ended = await impatient.closed()
      stream.send('data: 2\n\n')

      expect(first).toBe('data: 1\n\n')
      expect(ended).toBe('reset')
      expect(await nextPiece(client)).toBe('data: 2\n\n')
    },
  )

  it('goes by its own bounds over HTTP/2 as well, to both sides', async () => {
    const types = ['text/event-stream', 'text/plain']
    const streams: ServerHttp2Stream[] = []
    const server = createServer().on('stream', (stream) => {
      streams.push(stream)
      stream.respond({ ':status': 200, 'content-type': types[streams.length - 1] ?? '' })
      stream.write('data: 1\n\n')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // It listens on a TCP port, so it has an AddressInfo.
    const { port } = server.address() as AddressInfo
    const balancing = 'stream_idle_timeout = "50ms"\nstream_total_timeout = "60ms"'
    const service = 'streaming {\nidle_timeout = 0\ntotal_timeout = 0\n}'
    const config = poolFile([`h2c://127.0.0.1:${port}`], { service, balancing })
    await using gateway = await startGateway(config)
    const session = connect(gateway.url())

    const patient = session.request({ ':path': '/events' })
    const first = String(await once(patient, 'data'))
    // Begun later, and as silent.
    const impatient = session.request({ ':path': '/' }).on('error', () => undefined)
    await new Promise((resolve) => impatient.on('close', resolve))
    streams[0]?.write('data: 2\n\n')

    expect(first).toBe('data: 1\n\n')
    expect(impatient.rstCode).not.toBe(constants.NGHTTP2_NO_ERROR)
    expect(String(await once(patient, 'data'))).toBe('data: 2\n\n')
    session.destroy()
    server.close()
  })

  it('of another service that has taken over goes by the bounds of that one', async () => {
    const stream = new EventStream()
    await using upstream = await startUpstream(stream.reply)
    const service = 'failover {\nservice = "spare"\n}\nstreaming {\nidle_timeout = 0\n}'
    const blocks = `
      services "spare" {
        load_balancer {
          servers = [{ url = "${upstream.url}" }]
        }
        streaming {
          idle_timeout = "50ms"
        }
      }`
    const config = poolFile([{ url: 'http://127.0.0.1:1', weight: 0 }, 'http://127.0.0.1:1'], {
      service,
      blocks,
    })
    await using gateway = await startGateway(config)
    const pool = gateway.gateway.snapshot.services.get('pool')?.pool
    for (const endpoint of pool?.all ?? []) pool?.setHealthy(endpoint, 'test', false)
    using client = await gateway.connect()

    await open(client)

    expect(await client.closed()).toBe('reset')
  })

  it('tells others when its first byte came, which is that of its body', async () => {
    const times: (number | undefined)[] = []
    const stream = new EventStream()
    await using upstream = await startUpstream(stream.reply)
    const config = poolFile([upstream.url], { service: 'streaming {}' })
    await using gateway = await startGateway(config, { plugins: [watching(times)] })
    using client = await gateway.connect()

    await open(client)
    const afterHead = performance.now()
    stream.send('data: 1\n\n')
    await nextPiece(client)
    const afterFirst = performance.now()
    stream.send('data: 2\n\n')
    await nextPiece(client)
    stream.end()

    await vi.waitFor(() => expect(times).toHaveLength(1))
    expect(times[0]).toBeGreaterThan(afterHead)
    expect(times[0]).toBeLessThan(afterFirst)
  })
})

/** A plugin as an access log is one. */
function watching(times: (number | undefined)[]): Plugin<undefined> {
  return definePlugin({
    name: 'watching',
    setup(gateway) {
      gateway.hooks.finish.tap('watching', (exchange) => void times.push(exchange.get(firstByteAt)))
    },
  })
}

function active({ gateway }: TestGateway): number | undefined {
  return gateway.snapshot.services.get('pool')?.pool.all[0]?.active
}

async function* ticking(): AsyncGenerator<string> {
  for (;;) {
    yield 'data: tick\n\n'
    await new Promise((resolve) => setImmediate(resolve))
  }
}
