/**
 * What becomes of an exchange whose upstream fails: every way to fail at every stage.
 *
 * @module
 */
import { describe, expect, it, vi } from 'vitest'
import { type Front, startBehind } from '../behind.ts'
import { answering, type Script, type ScriptedPeer, ScriptedServer } from './scripted-server.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const halfPost = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf'
const sized = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'
const inChunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

/** What the client has sent, and what the upstream has read and written when it happens. */
interface Stage {
  readonly sent: string
  readonly read: string
  readonly written: string
}

interface NamedStage extends Stage {
  readonly when: string
}

const beforeHead: readonly NamedStage[] = [
  { when: 'after the request head', sent: get, read: '\r\n\r\n', written: '' },
  { when: 'within the request body', sent: halfPost, read: 'half', written: '' },
  { when: 'within the status line', sent: get, read: '\r\n\r\n', written: 'HTTP/1.1 2' },
  { when: 'after the status line', sent: get, read: '\r\n\r\n', written: 'HTTP/1.1 200 OK\r\n' },
  {
    when: 'within the head',
    sent: get,
    read: '\r\n\r\n',
    written: 'HTTP/1.1 200 OK\r\nContent-Le',
  },
  {
    when: 'before the empty line',
    sent: get,
    read: '\r\n\r\n',
    written: 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n',
  },
  {
    when: 'after an interim response',
    sent: get,
    read: '\r\n\r\n',
    written: 'HTTP/1.1 103 Early Hints\r\n\r\n',
  },
]

const afterHead: readonly NamedStage[] = [
  { when: 'after a head with a length', sent: get, read: '\r\n\r\n', written: sized },
  { when: 'within a body with a length', sent: get, read: '\r\n\r\n', written: `${sized}half` },
  { when: 'after the head of chunks', sent: get, read: '\r\n\r\n', written: inChunks },
  { when: 'within a chunk size', sent: get, read: '\r\n\r\n', written: `${inChunks}1` },
  { when: 'within a chunk', sent: get, read: '\r\n\r\n', written: `${inChunks}8\r\nhalf` },
  { when: 'between chunks', sent: get, read: '\r\n\r\n', written: `${inChunks}4\r\nhalf\r\n` },
  {
    when: 'within the last chunk',
    sent: get,
    read: '\r\n\r\n',
    written: `${inChunks}4\r\nhalf\r\n0\r\n`,
  },
  {
    when: 'within the trailers',
    sent: get,
    read: '\r\n\r\n',
    written: `${inChunks}4\r\nhalf\r\n0\r\nX-Sum: 1\r\n`,
  },
  {
    when: 'within a body while the request is still sent',
    sent: halfPost,
    read: 'half',
    written: `${sized}half`,
  },
]

const losses: readonly (readonly [string, (peer: ScriptedPeer) => void])[] = [
  ['closes', (peer) => peer.end()],
  ['resets', (peer) => peer.reset()],
]

describe.each(losses)('an upstream that %s', (_how, lose) => {
  it('once it has accepted: 502', async () => {
    await using setup = await startFaulty({ sent: get, read: '', written: '' }, lose)

    const response = await setup.client.readResponse()

    expect(response.status).toBe(502)
    // A reset may come before the connection is known to stand.
    expect(response.json()).toMatchObject({
      code: expect.stringMatching(/^GW_UPSTREAM_(?:RESET|CONNECT)$/),
    })
    await expectRecovered(setup, expect.stringMatching(/^GW_UPSTREAM_(?:RESET|CONNECT)$/))
  })

  it.each(beforeHead)('$when: 502', async (stage) => {
    await using setup = await startFaulty(stage, lose)

    const response = await setup.client.readResponse()

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_RESET', error: 'Bad gateway' })
    await expectRecovered(setup, 'GW_UPSTREAM_RESET')
  })

  it.each(afterHead)('$when: the client is cut off', async (stage) => {
    await using setup = await startFaulty(stage, lose)

    expect((await setup.client.readHead()).status).toBe(200)
    expect(await setup.client.closed()).toBe('reset')
    await expectRecovered(setup, 'GW_UPSTREAM_RESET')
  })

  it('after the response harms nobody', async () => {
    const stage = { sent: get, read: '\r\n\r\n', written: `${sized}whole body` }
    await using setup = await startFaulty(stage, lose)

    expect((await setup.client.readResponse()).text).toBe('whole body')
    await expectRecovered(setup)
  })
})

describe.concurrent('an upstream that stops', () => {
  it.each(beforeHead.filter(({ sent }) => sent === get))('$when: 504', async (stage) => {
    await using setup = await startFaulty(stage, () => undefined)

    const response = await setup.client.readResponse()

    expect(response.status).toBe(504)
    expect(response.json()).toMatchObject({
      code: 'GW_UPSTREAM_RESPONSE_TIMEOUT',
      error: 'Upstream timeout',
    })
    await expectRecovered(setup, 'GW_UPSTREAM_RESPONSE_TIMEOUT')
  })

  it.each(afterHead)('$when: the client is cut off', async (stage) => {
    await using setup = await startFaulty(stage, () => undefined)

    expect((await setup.client.readHead()).status).toBe(200)
    expect(await setup.client.closed()).toBe('reset')
    await expectRecovered(setup, 'GW_UPSTREAM_BODY_TIMEOUT')
  })
})

describe('an upstream that sends nonsense', () => {
  const nonsense = '\u0000\u0001\u0002\r\n\r\n'
  const garble = (peer: ScriptedPeer): void => void peer.write(nonsense)

  it.each(beforeHead)('$when: 502', async (stage) => {
    await using setup = await startFaulty(stage, garble)

    const response = await setup.client.readResponse()

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_PROTOCOL', error: 'Bad gateway' })
    await expectRecovered(setup, 'GW_UPSTREAM_PROTOCOL')
  })

  it.each(
    // Within data of a known size any byte will do.
    afterHead.filter(({ written }) => !written.startsWith(sized) && !written.endsWith('8\r\nhalf')),
  )('$when: the client is cut off', async (stage) => {
    await using setup = await startFaulty(stage, garble)

    expect((await setup.client.readHead()).status).toBe(200)
    expect(await setup.client.closed()).toBe('reset')
    await expectRecovered(setup, 'GW_UPSTREAM_PROTOCOL')
  })

  it.each([
    ['after the response', `${sized}whole body`],
    ['after a response in chunks', `${inChunks}a\r\nwhole body\r\n0\r\n\r\n`],
  ])('%s harms nobody', async (_when, written) => {
    const stage = { sent: get, read: '\r\n\r\n', written }
    await using setup = await startFaulty(stage, garble)

    expect((await setup.client.readResponse()).text).toBe('whole body')
    await setup.server.peers[0]?.gone()
    await expectRecovered(setup)
  })
})

describe('a response that ends with its connection', () => {
  const stage = {
    sent: get,
    read: '\r\n\r\n',
    written: 'HTTP/1.1 200 OK\r\n\r\nall there is',
  }

  it('is whole if the upstream closes', async () => {
    await using setup = await startFaulty(stage, (peer) => peer.end())

    expect((await setup.client.readResponse()).text).toBe('all there is')
    await expectRecovered(setup)
  })

  it('is cut if the upstream resets', async () => {
    await using setup = await startFaulty(stage, (peer) => peer.reset())

    expect(await setup.client.closed()).toBe('reset')
    await expectRecovered(setup, 'GW_UPSTREAM_RESET')
  })

  it('is cut if the upstream stops', async () => {
    await using setup = await startFaulty(stage, () => undefined)

    expect(await setup.client.closed()).toBe('reset')
    await expectRecovered(setup, 'GW_UPSTREAM_BODY_TIMEOUT')
  })
})

/** A client that waits for the outcome, a gateway, and an upstream whose first connection fails. */
class FaultySetup implements AsyncDisposable {
  readonly server: ScriptedServer
  readonly front: Front
  readonly client: Awaited<ReturnType<Front['connect']>>

  constructor(server: ScriptedServer, front: Front, client: FaultySetup['client']) {
    this.server = server
    this.front = front
    this.client = client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client[Symbol.dispose]()
    await this.front.close()
    await this.server[Symbol.asyncDispose]()
  }
}

async function startFaulty(
  { sent, read, written }: Stage,
  fail: (peer: ScriptedPeer) => void,
): Promise<FaultySetup> {
  const script: Script = async (peer) => {
    if (read !== '') await peer.until(read)
    if (written !== '') await peer.write(written)
    await turns()
    fail(peer)
  }
  const server = await ScriptedServer.start(script, answering('recovered'))
  const front = await startBehind(server, {
    // With one connection, one that is not given back would be missed.
    balancer: {
      max_connections_per_server: 1,
      request_timeout: '20ms',
      stream_idle_timeout: '20ms',
    },
  })
  const client = await front.connect()
  void client.send(sent)
  return new FaultySetup(server, front, client)
}

/** Some time in which the gateway reads and passes on what was written, so that a reset takes none of it. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** One line in the log, nothing left, no try but the one, and the next request is served. */
async function expectRecovered({ front, server }: FaultySetup, code?: unknown): Promise<void> {
  const complaints = front.logs.entries.filter(({ level }) => level === 'warn' || level === 'error')
  expect(complaints).toMatchObject(
    code === undefined ? [] : [{ level: 'warn', code, source: 'upstream', service: 'app' }],
  )
  await vi.waitFor(() => expect(front.gateway.exchanges).toBe(0))
  expect(front.endpoint().active).toBe(0)
  expect(server.peers).toHaveLength(1)
  expect((await front.request('/')).text).toBe('recovered')
  expect(server.open).toBe(1)
  expect(server.peers).toHaveLength(2)
}
