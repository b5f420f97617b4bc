import {
  connect,
  poolFile,
  type RawClient,
  Reply,
  reply,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { EventStream, nextPiece, open } from './event-stream.ts'

const block = 'streaming {}'

describe('a stream of events', () => {
  it.each(['text/event-stream', 'application/x-ndjson', 'application/stream+json; charset=utf-8'])(
    'of %s arrives event by event, each before the next one is made',
    async (type) => {
      const stream = new EventStream(type)
      await using upstream = await startUpstream(stream.reply)
      await using gateway = await startGateway(poolFile([upstream.url], { service: block }))
      using client = await gateway.connect()

      const headers = await open(client)
      const arrived: string[] = []
      for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
        stream.send(event)
        arrived.push(await nextPiece(client))
      }
      stream.end()

      expect(headers['content-type']).toBe(type)
      expect(arrived).toEqual(['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n'])
      expect(await client.readUntil('0\r\n\r\n')).toBe('0\r\n\r\n')
    },
  )

  it('begins where the browser left off', async () => {
    const stream = new EventStream()
    await using upstream = await startUpstream(stream.reply)
    await using gateway = await startGateway(poolFile([upstream.url], { service: block }))
    using client = await gateway.connect()

    await open(client, 'Accept: text/event-stream\r\nLast-Event-ID: 42\r\n')
    const request = await upstream.nextHead()

    expect(request.headers['last-event-id']).toBe('42')
    expect(request.headers['accept']).toBe('text/event-stream')
  })

  it.each([
    ['streaming { disable_buffering = true }', 'no'],
    ['streaming {}', 'yes'],
  ])('with %s tells proxies to collect: %s', async (service, told) => {
    const stream = new EventStream('text/event-stream', { 'X-Accel-Buffering': 'yes' })
    await using upstream = await startUpstream(stream.reply)
    await using gateway = await startGateway(poolFile([upstream.url], { service }))
    using client = await gateway.connect()

    const headers = await open(client)

    expect(headers['x-accel-buffering']).toBe(told)
    expect(headers['cache-control']).toBeUndefined()
  })

  it('has a body for GET only', async () => {
    await using upstream = await startUpstream(reply(200, { 'Content-Type': 'text/event-stream' }))
    await using gateway = await startGateway(poolFile([upstream.url], { service: block }))

    const { status, headers } = await gateway.request('/', { method: 'HEAD' })

    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/event-stream')
  })

  it('ends at the server when its client leaves', async () => {
    const stream = new EventStream()
    await using upstream = await startUpstream(stream.reply)
    await using gateway = await startGateway(poolFile([upstream.url], { service: block }))
    const client = await gateway.connect()
    await open(client)
    stream.send('data: 1\n\n')
    await nextPiece(client)

    client[Symbol.dispose]()

    await (await upstream.nextRequest()).gone
    await vi.waitFor(() => expect(active(gateway)).toBe(0))
    expect(gateway.gateway.exchanges).toBe(0)
  })

  it('keeps a client that does not read from filling the memory', async () => {
    let written = 0
    const pouring = new Reply(async ({ write }) => {
      const event = `data: ${'x'.repeat(65_000)}\n\n`
      await write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n')
      for (let i = 0; i < 4096; i++) {
        await write(event)
        written += event.length
      }
    })
    await using upstream = await startUpstream(pouring)
    await using gateway = await startGateway(poolFile([upstream.url], { service: block }))
    using client = await gateway.connect()
    client.pause()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    const most = await stable(() => written)

    // Four buffers of the system and little else; a quarter of a gigabyte would be all.
    expect(most).toBeLessThan(64 * 2 ** 20)
  })
})

describe('a thousand streams', () => {
  it('are served at once, and leave nothing behind', async () => {
    const streams = Array.from({ length: 1000 }, () => new EventStream())
    let next = 0
    await using upstream = await startUpstream(
      () => streams[next++]?.reply ?? reply(500, {}, 'one too many'),
    )
    await using gateway = await startGateway(poolFile([upstream.url], { service: block }))
    const clients: RawClient[] = []
    for (let i = 0; i < streams.length; i += 100) {
      const some = Array.from({ length: 100 }, () => connect(gateway.port()))
      clients.push(...(await Promise.all(some)))
    }

    await Promise.all(clients.map((client) => open(client)))
    const open1000 = active(gateway)
    for (const stream of streams) stream.send('data: hello\n\n')
    const pieces = await Promise.all(clients.map((client) => nextPiece(client)))
    for (const client of clients) client[Symbol.dispose]()

    expect(open1000).toBe(1000)
    expect(new Set(pieces)).toEqual(new Set(['data: hello\n\n']))
    await vi.waitFor(() => expect(active(gateway)).toBe(0))
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })
})

describe('a stream over a reload', () => {
  it('goes on', async () => {
    const stream = new EventStream()
    await using upstream = await startUpstream(stream.reply)
    const config = poolFile([upstream.url], { service: block })
    await using gateway = await startGateway(config)
    using client = await gateway.connect()
    await open(client)

    const pieces: string[] = []
    for (let i = 0; i < 10; i++) {
      await gateway.reload(`${config}\n# ${i}\n${other(i)}`)
      stream.send(`data: ${i}\n\n`)
      pieces.push(await nextPiece(client))
    }

    expect(pieces).toEqual(Array.from({ length: 10 }, (_, i) => `data: ${i}\n\n`))
    await vi.waitFor(() => expect(gateway.gateway.liveSnapshots).toBe(1))
  })
})

describe('a gateway that drains', () => {
  it('lets a stream come to its end', async () => {
    const stream = new EventStream()
    await using upstream = await startUpstream(stream.reply)
    await using gateway = await startGateway(poolFile([upstream.url], { service: block }))
    using client = await gateway.connect()
    await open(client)

    const stopped = gateway.gateway.shutdown()
    stream.send('data: last\n\n')
    const last = await nextPiece(client)
    stream.end()
    await stopped

    expect(last).toBe('data: last\n\n')
    expect(await client.readUntil('0\r\n\r\n')).toBe('0\r\n\r\n')
  })

  it('cuts it off when there is no more time', async () => {
    const stream = new EventStream()
    await using upstream = await startUpstream(stream.reply)
    const config = poolFile([upstream.url], { service: block })
    await using gateway = await startGateway(`shutdown_timeout_secs = 1\n${config}`)
    using client = await gateway.connect()
    await open(client)

    await gateway.gateway.shutdown()

    expect(await client.closed()).toBe('reset')
    await (await upstream.nextRequest()).gone
  })
})

function active({ gateway }: TestGateway): number | undefined {
  return gateway.snapshot.services.get('pool')?.pool.all[0]?.active
}

/** A block that is another one each time. */
function other(i: number): string {
  return `services "other-${i}" {
    load_balancer {
      servers = [{ url = "http://127.0.0.1:1" }]
    }
  }`
}

/** What a number has become once it stays the same. */
async function stable(look: () => number): Promise<number> {
  let last = -1
  await vi.waitFor(
    () => {
      const now = look()
      const same = now > 0 && now === last
      last = now
      expect(same).toBe(true)
    },
    { interval: 200, timeout: 20_000 },
  )
  return last
}
