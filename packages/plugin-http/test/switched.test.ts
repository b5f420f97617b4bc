import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { definePlugin } from '@gatewright/kernel'
import {
  connect,
  reply,
  startUpstream,
  switching,
  type UpstreamExchange,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { configFor, startBehind } from './behind.ts'
import { ask, chat, switched } from './chat.ts'

describe('a connection that has switched', () => {
  it('loses nothing that came early, on either side', async () => {
    const welcome = switching('chat', async ({ write, read }: UpstreamExchange) => {
      await write(await read())
    })
    await using upstream = await startUpstream(welcome)
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(`${ask}early words`)

    expect((await client.readResponse()).status).toBe(101)
    expect(String(await client.readToEnd())).toBe('early words')
  })

  it('passes on what the upstream sends with its head', async () => {
    const eager = switching('chat', async ({ write }) => write('at once'))
    await using upstream = await startUpstream(eager)
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await gateway.connect()

    await client.send(ask)

    expect((await client.readResponse()).status).toBe(101)
    expect(String(await client.readToEnd())).toBe('at once')
  })

  it('ends in one direction and goes on in the other', async () => {
    await using upstream = await startRawUpstream(async (socket) => {
      let heard = ''
      socket.on('data', (piece) => {
        heard += String(piece)
      })
      await once(socket, 'end')
      socket.end(`heard ${heard.split('\r\n\r\n')[1]}`)
    })
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await connect(gateway.port(), { allowHalfOpen: true })

    await client.send(ask)
    expect((await client.readResponse()).status).toBe(101)
    await client.send('all I have to say')
    client.end()

    expect(String(await client.readToEnd())).toBe('heard all I have to say')
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('whose upstream has said all it had to goes on to take what the client says', async () => {
    const heard = Promise.withResolvers<string>()
    await using upstream = await startRawUpstream(async (socket) => {
      socket.end('that was all')
      heard.resolve(await textOf(socket))
    })
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await connect(gateway.port(), { allowHalfOpen: true })

    await client.send(ask)
    expect((await client.readResponse()).status).toBe(101)
    expect(String(await client.readToEnd())).toBe('that was all')
    await client.send('not for me')
    client.end()

    expect(await heard.promise).toMatch(/\r\n\r\nnot for me$/)
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('is reset at the upstream if the client resets it', async () => {
    const { reply: waiting, gone } = waits()
    await using upstream = await startUpstream(waiting)
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await switched(gateway)

    client.reset()

    expect(await gone).toBe('reset')
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('is reset at the client if the upstream resets it', async () => {
    const rude = switching('chat', async ({ read, reset }) => {
      await read()
      reset()
    })
    await using upstream = await startUpstream(rude)
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await switched(gateway)

    await client.send('x')

    expect(await client.closed()).toBe('reset')
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    expect(gateway.logs.find({ code: 'GW_UPSTREAM_RESET' })).toHaveLength(1)
  })

  it.each([16, 100_000, 8 * 1024 * 1024])('echoes %i bytes', async (size) => {
    await using upstream = await startUpstream(switching('chat'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await switched(gateway)
    const bytes = Buffer.alloc(size, 'abcdefghijklmnop!')

    const sent = client.send(bytes)

    expect((await client.readBytes(size)).equals(bytes)).toBe(true)
    await sent
  })

  it('tells how many bytes it has carried', async () => {
    const carried: unknown[] = []
    const counting = definePlugin({
      name: 'counting',
      setup: ({ hooks }) =>
        hooks.finish.tap('counting', ({ received, sent }) => void carried.push([received, sent])),
    })
    const twice = switching('chat', async ({ read, write }) => {
      for (let piece = await read(); piece.length > 0; piece = await read()) {
        await write(piece)
        await write(piece)
      }
    })
    await using upstream = await startUpstream(twice)
    await using gateway = await startBehind(upstream, { plugins: [chat, counting] })
    using client = await gateway.connect()

    await client.send(`${ask}early`)
    expect((await client.readResponse()).status).toBe(101)
    await client.readBytes(10)
    await client.send('later')
    await client.readBytes(10)
    client.end()

    await vi.waitFor(() => expect(carried).toEqual([[10, 20]]))
  })

  it('makes the upstream wait for a client that does not read', async () => {
    let written = 0
    const piece = Buffer.alloc(64 * 1024)
    const flood = switching('chat', async ({ write, gone }) => {
      const over = gone.then(() => true)
      for (let stop = false; !stop; ) {
        stop = await Promise.race([over, write(piece).then(() => false)])
        written += piece.length
      }
    })
    await using upstream = await startUpstream(flood)
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await switched(gateway)
    client.pause()

    await settled(() => written)

    expect(written).toBeLessThan(64 * 1024 * 1024)
    client.reset()
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })

  it('is no load, and not bound by the timeouts of HTTP', async () => {
    await using upstream = await startUpstream(({ headers }) =>
      headers['upgrade'] === undefined ? reply(200, {}, 'plain') : switching('chat'),
    )
    await using gateway = await startBehind(upstream, {
      plugins: [chat],
      entrypoint: { overload: { max_requests: 1 } },
      balancer: { request_timeout: '100ms', stream_idle_timeout: '100ms' },
    })
    using client = await switched(gateway)

    expect((await gateway.request('/')).text).toBe('plain')
    await client.send('still here')

    expect(String(await client.readBytes(10))).toBe('still here')
  })

  it('is waited for when the gateway stops, and ended at the deadline on both sides', async () => {
    const { reply: waiting, gone } = waits()
    await using upstream = await startUpstream(waiting)
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await switched(gateway)

    const stopped = gateway.close()

    expect(await client.closed()).toBe('end')
    expect(await gone).toBe('end')
    await stopped
  })

  it('may go on until its end while the gateway stops', async () => {
    await using upstream = await startUpstream(switching('chat'))
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await switched(gateway)

    const stopped = gateway.close()
    await client.send('more')

    expect(String(await client.readBytes(4))).toBe('more')
    client.end()
    expect(await client.closed()).toBe('end')
    await stopped
  })

  it('lives through reloads that do not concern it, and ends with its route', async () => {
    const { reply: waiting, gone } = waits()
    await using upstream = await startUpstream(waiting)
    const config = configFor(upstream.url)
    await using gateway = await startBehind(upstream, { plugins: [chat] })
    using client = await switched(gateway)

    for (let i = 0; i < 100; i++) {
      await gateway.reload({ ...config, middlewares: { [`m${i}`]: { type: 'cors' } } })
    }
    await vi.waitFor(() => expect(gateway.gateway.liveSnapshots).toBe(1))
    await client.send('still here')
    expect(String(await client.readBytes(10))).toBe('still here')
    await gateway.reload({
      ...config,
      routers: { all: { rule: 'Path(`/other`)', service: 'app' } },
    })

    expect(await client.closed()).toBe('end')
    expect(await gone).toBe('end')
    await vi.waitFor(() => expect(gateway.gateway.liveSnapshots).toBe(1))
  })
})

/** An upstream that echoes, and tells how its connection ended. */
function waits() {
  const ended = Promise.withResolvers<string>()
  const echo = switching('chat', async ({ read, write, gone }) => {
    void gone.then((how) => ended.resolve(how))
    for (let piece = await read(); piece.length > 0; piece = await read()) await write(piece)
  })
  return { reply: echo, gone: ended.promise }
}

/** An upstream that switches at once, and ends its side when it likes. */
async function startRawUpstream(play: (socket: Socket) => Promise<void>) {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\nConnection: upgrade\r\n\r\n')
    void play(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

async function textOf(socket: Socket): Promise<string> {
  let text = ''
  for await (const piece of socket) text += String(piece)
  return text
}

/** Resolves once a number has stopped growing. */
async function settled(value: () => number): Promise<void> {
  let last = -1
  const stands = (): void => {
    const now = value()
    const grown = now !== last
    last = now
    expect(grown).toBe(false)
  }
  await vi.waitFor(stands, { interval: 200, timeout: 20_000 })
}
