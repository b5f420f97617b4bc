import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { Deadlines } from '@gatewright/http1'
import {
  type Attempt,
  type Connection,
  type Endpoint,
  GatewayRequest,
  type GatewayResponse,
  HeaderList,
  RequestContext,
  type Service,
  type Snapshot,
} from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { Http2Pool } from '../../src/upstream-http2/http2-pool.ts'
import { Code, Flag, Frame, FrameServer, greet, onRequest } from './frame-server.ts'

const settings = {
  connectTimeoutMs: 5000,
  responseTimeoutMs: 0,
  idleTimeoutMs: 0,
  totalTimeoutMs: 0,
  maxConnections: 0,
  maxWaiting: 1024,
  passHostHeader: true,
}

const answering = onRequest((connection, stream) => connection.answer(stream, 'fine'))

describe('a session without requests', () => {
  it('is closed after a minute, and says so', async () => {
    await using server = await FrameServer.start(answering)
    using clock = new Clock(server.url)
    await clock.fetch()

    clock.pass(59_000)
    expect(clock.pool.size).toBe(1)
    await expect.poll(() => clock.pass(61_000).unused).toBe(true)

    await server.connections[0]?.gone
    expect(server.received(Frame.goaway)).not.toHaveLength(0)
  })

  it('is closed however the server takes that', async () => {
    await using server = await FrameServer.start(answering, (connection) => {
      greet(connection)
      // It ends nothing by itself.
      connection.socket.removeAllListeners('end')
    })
    using clock = new Clock(server.url)
    await clock.fetch()
    server.connections[0]?.socket.pause()

    await expect.poll(() => clock.pass(61_000).unused).toBe(true)
  })

  it('that the server has asked to leave is closed soon, however the server takes that', async () => {
    await using server = await FrameServer.start(answering, (connection) => {
      greet(connection)
      connection.socket.removeAllListeners('end')
    })
    using clock = new Clock(server.url)
    await clock.fetch()

    server.connections[0]?.goaway(1, Code.none)
    await expect.poll(() => server.received(Frame.goaway).length).toBeGreaterThan(0)

    await expect.poll(() => clock.pass(3000).unused).toBe(true)
  })
})

describe('a session with requests that is silent', () => {
  it('is asked after five minutes, and goes on if there is an answer', async () => {
    await using server = await FrameServer.start(onRequest(() => undefined))
    using clock = new Clock(server.url)
    const response = clock.fetch()
    await expect.poll(() => server.received(Frame.headers).length).toBe(1)

    clock.pass(300_000)
    expect(server.received(Frame.ping)).toEqual([])
    // What came last was the answer to the settings.
    clock.pass(311_000)
    clock.pass(311_000)
    await expect.poll(() => server.received(Frame.ping).length).toBe(1)
    await expect.poll(() => clock.pool.size).toBe(1)
    server.connections[0]?.answer(1, 'after all')

    expect(await response).toBe('after all')
  })

  it('is given up if there is none', async () => {
    await using server = await FrameServer.start((connection, frame) => {
      if (frame.type === Frame.settings && (frame.flags & Flag.ack) === 0) {
        connection.send(Frame.settings, Flag.ack, 0)
      }
    })
    using clock = new Clock(server.url)
    const response = clock.fetch()
    await expect.poll(() => server.received(Frame.headers).length).toBe(1)

    clock.pass(311_000)
    clock.pass(311_000)
    await expect.poll(() => server.received(Frame.ping).length).toBe(1)
    clock.pass(11_000)

    expect(await response).toBe('GW_UPSTREAM_RESET')
    await expect.poll(() => clock.pool.unused).toBe(true)
  })
})

/** A pool whose time goes by as a test says. */
class Clock implements Disposable {
  readonly #deadlines = new Deadlines({ exact: true })
  readonly pool: Http2Pool

  constructor(url: string) {
    this.pool = new Http2Pool(new URL(url), settings, this.#deadlines)
  }

  /** Tells what is due by then. Deadlines set because of that begin at the real time again. */
  pass(ms: number): Http2Pool {
    this.#deadlines.sweep(performance.now() + ms)
    return this.pool
  }

  /** The text of a response, or the code of its failure. */
  async fetch(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>()
    this.pool.send(context(), attempt).then(
      async (response) => resolve(await textOf(response)),
      (error: unknown) => resolve(String(error instanceof Error && 'code' in error && error.code)),
    )
    return await promise
  }

  [Symbol.dispose](): void {
    this.pool[Symbol.dispose]()
  }
}

async function textOf(response: GatewayResponse): Promise<string> {
  const { body } = response
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) return ''
  let text = ''
  body.on('data', (bytes) => {
    text += String(bytes)
  })
  await once(body, 'end')
  return text
}

const endpoint: Endpoint = {
  url: new URL('h2c://server'),
  weight: 1,
  configuredWeight: 1,
  active: 1,
  healthy: true,
  full: false,
}

const attempt: Attempt = {
  index: 0,
  // Nothing here asks for it.
  service: {} as Service,
  endpoint,
  headers: new HeaderList(),
  touchedHeaders: undefined,
  startedAt: 0,
  endedAt: undefined,
  waitedMs: 0,
  connectMs: 0,
  bodyIsTimed: false,
  code: undefined,
  status: undefined,
  error: undefined,
  conclude: () => undefined,
  break: () => undefined,
  release: () => undefined,
}

function context(): RequestContext {
  // Nothing here looks at a configuration or at the connection.
  const snapshot = {} as Snapshot
  const connection = {} as Connection
  const head = {
    version: '1.1',
    method: 'GET',
    target: '/',
    authority: 'h',
    headers: new HeaderList(),
    upgrade: undefined,
  } as const
  return new RequestContext(connection, snapshot, new GatewayRequest(head, null))
}
