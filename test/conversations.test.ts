/**
 * Streams, conversations, channels and plain requests on one entrypoint, while it is configured anew.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { connect, requestBytes, startGateway, type TestGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { type RawData, WebSocket, WebSocketServer } from 'ws'

const reloads = 30

describe('a gateway with clients of all kinds', () => {
  it(`loses nothing of what they say and hear over ${reloads} reloads`, {
    timeout: 120_000,
  }, async () => {
    await using server = await startServer()
    await using gateway = await startGateway(configuration(server.url, 0))
    using events = await listen(gateway)
    using talk = await Talk.open(gateway, '/talk')
    using one = await Talk.open(gateway, '/channels')
    using other = await Talk.open(gateway, '/channels')
    one.say('_sub:news')
    other.say('_sub:news')
    const heard: Record<string, string[]> = { events: [], talk: [], one: [], other: [] }
    await one.next()
    await other.next()
    const stop = new AbortController()
    const plain = Promise.all([
      keepAsking(gateway, stop.signal),
      keepAsking(gateway, stop.signal),
      keepAskingOverHttp2(gateway, stop.signal),
    ])

    for (let turn = 1; turn <= reloads; turn++) {
      const reloaded = gateway.reload(configuration(server.url, turn))
      server.tell(String(turn))
      talk.say(String(turn))
      one.say(`news:${turn}`)
      heard['events']?.push(await events.next())
      heard['talk']?.push(await talk.next())
      heard['one']?.push(await one.next())
      heard['other']?.push(await other.next())
      await reloaded
    }
    stop.abort()
    const statuses = (await plain).flat()

    const turns = Array.from({ length: reloads }, (_, i) => String(i + 1))
    expect(heard).toEqual({
      events: turns.map((turn) => `data: ${turn}`),
      talk: turns.map((turn) => `heard ${turn}`),
      one: turns.map((turn) => `news:${turn}`),
      other: turns.map((turn) => `news:${turn}`),
    })
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(statuses.length).toBeGreaterThan(reloads)
    await vi.waitFor(() => expect(gateway.gateway.liveSnapshots).toBe(1))
  })

  it('lets each come to its end in its own way when it stops', async () => {
    await using server = await startServer()
    await using gateway = await startGateway(configuration(server.url, 0))
    using events = await listen(gateway)
    using talk = await Talk.open(gateway, '/talk')
    using channel = await Talk.open(gateway, '/channels')

    const stopped = gateway.gateway.shutdown()
    const goodbye = await channel.closed
    server.tell('last')
    const last = await events.next()
    server.endStreams()
    talk.say('last')
    const answer = await talk.next()
    talk.socket.close(4000, 'done')
    const closing = await talk.closed
    await stopped

    expect(goodbye).toEqual({ code: 1001, reason: 'going away' })
    expect(last).toBe('data: last')
    expect(await events.ended).toBe(true)
    expect(answer).toBe('heard last')
    expect(closing).toEqual({ code: 4000, reason: 'done' })
  })

  it('keeps nothing of clients that vanish all at once', async () => {
    await using server = await startServer()
    await using gateway = await startGateway(configuration(server.url, 0))
    const crowd = await Promise.all(
      Array.from({ length: 20 }, async () => [
        await listen(gateway),
        await Talk.open(gateway, '/talk'),
        await Talk.open(gateway, '/channels'),
      ]),
    )
    const before = gateway.gateway.exchanges

    for (const client of crowd.flat()) client[Symbol.dispose]()

    expect(before).toBe(60)
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    await vi.waitFor(() => expect([server.streams(), server.talks()]).toEqual([0, 0]))
    for (const { pool } of gateway.gateway.snapshot.services.values()) {
      expect(pool.all.map(({ active }) => active)).toEqual(pool.all.map(() => 0))
    }
  })
})

interface Server extends AsyncDisposable {
  readonly url: string
  /** Sends an event to everybody who listens. */
  readonly tell: (news: string) => void
  readonly endStreams: () => void
  readonly streams: () => number
  readonly talks: () => number
}

/** Streams events, says back what it hears, and answers plain requests. */
async function startServer(): Promise<Server> {
  const streams = new Set<ServerResponse>()
  const server = createServer((request: IncomingMessage, response) => {
    if (request.url !== '/events') return void response.end('plain')
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': welcome\n\n')
    streams.add(response)
    response.on('close', () => streams.delete(response))
  })
  const talks = new WebSocketServer({ server })
  talks.on('connection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('message', (data) => socket.send(`heard ${textOf(data)}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // It listens on a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    tell: (news) => {
      for (const stream of streams) stream.write(`data: ${news}\n\n`)
    },
    endStreams: () => {
      for (const stream of streams) stream.end()
    },
    streams: () => streams.size,
    talks: () => talks.clients.size,
    async [Symbol.asyncDispose]() {
      for (const socket of talks.clients) socket.terminate()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Listener extends Disposable {
  /** The next event. */
  readonly next: () => Promise<string>
  /** Whether the stream came to its end in order. */
  readonly ended: Promise<boolean>
}

/** Resolves once the stream has begun. */
async function listen(gateway: TestGateway): Promise<Listener> {
  const stop = new AbortController()
  const response = await fetch(`${gateway.url()}/events`, { signal: stop.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const { promise: ended, resolve } = Promise.withResolvers<boolean>()
  reader?.closed.then(
    () => resolve(true),
    () => resolve(false),
  )
  let text = ''
  const next = async (): Promise<string> => {
    while (!text.includes('\n\n')) text += (await reader?.read())?.value ?? ''
    const [event = '', ...rest] = text.split('\n\n')
    text = rest.join('\n\n')
    return event.startsWith(':') ? next() : event
  }
  return {
    next,
    ended,
    [Symbol.dispose]: () => stop.abort(),
  }
}

/** A WebSocket client. */
class Talk implements Disposable {
  readonly socket: WebSocket
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly #heard: string[] = []
  #wake: () => void = () => undefined

  static async open(gateway: TestGateway, path: string): Promise<Talk> {
    const talk = new Talk(new WebSocket(`ws://127.0.0.1:${gateway.port()}${path}`))
    await once(talk.socket, 'open')
    return talk
  }

  constructor(socket: WebSocket) {
    this.socket = socket
    const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>()
    this.closed = promise
    socket.on('error', () => undefined)
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    socket.on('message', (data) => {
      this.#heard.push(textOf(data))
      this.#wake()
    })
  }

  say(text: string): void {
    this.socket.send(text)
  }

  async next(): Promise<string> {
    for (;;) {
      const text = this.#heard.shift()
      if (text !== undefined) return text
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  [Symbol.dispose](): void {
    this.socket.terminate()
  }
}

/** Sends one request after the other on one connection. */
async function keepAsking(gateway: TestGateway, signal: AbortSignal): Promise<number[]> {
  using client = await connect(gateway.port())
  const statuses: number[] = []
  while (!signal.aborted) {
    await client.send(requestBytes('GET', '/', 'h'))
    const { status, text } = await client.readResponse()
    statuses.push(text === 'plain' ? status : -1)
  }
  return statuses
}

/** The same over HTTP/2. */
async function keepAskingOverHttp2(gateway: TestGateway, signal: AbortSignal): Promise<number[]> {
  const session = connectHttp2(gateway.url())
  const statuses: number[] = []
  while (!signal.aborted) {
    const stream = session.request({ ':path': '/' })
    const [headers]: { ':status'?: number }[] = await once(stream, 'response')
    stream.resume()
    await once(stream, 'end')
    statuses.push(headers?.[':status'] ?? -1)
  }
  session.close()
  await once(session, 'close')
  return statuses
}

/** The plain service is another one each time; those of conversations stay what they are. */
function configuration(url: string, turn: number): string {
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "events" {
      rule    = "PathPrefix(\`/events\`)"
      service = "events"
    }
    routers "talk" {
      rule    = "PathPrefix(\`/talk\`)"
      service = "talk"
    }
    routers "channels" {
      rule    = "PathPrefix(\`/channels\`)"
      service = "channels"
    }
    routers "plain" {
      rule    = "PathPrefix(\`/\`)"
      service = "plain"
    }
    services "events" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
      streaming {
        total_timeout = 0
      }
    }
    services "talk" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
      websocket {
        idle_timeout = "5m"
      }
    }
    services "channels" {
      websocket {
        mux = true
      }
    }
    services "plain" {
      load_balancer {
        request_timeout = "${30 + turn}s"
        servers         = [{ url = "${url}" }]
      }
    }`
}

function textOf(data: RawData): string {
  // The default type of messages is a buffer.
  return (data as Buffer).toString()
}
