/**
 * Upstreams that cannot be reached, say too much, or speak out of turn. The rest of what they do
 * wrong stands in `upstream-stages.test.ts` and `upstream-failure.test.ts`.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import { startBehind } from '../behind.ts'
import { BlockedListener } from './blocked-listener.ts'
import { answering, type Script, ScriptedServer } from './scripted-server.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const onLinux = process.platform === 'linux'

describe('an upstream that takes no connection', () => {
  it.runIf(onLinux)('answers 504 after the time to connect', async () => {
    await using listener = await BlockedListener.start()
    await using front = await startBehind(listener, {
      balancer: { connect_timeout: '100ms', passive_health: { error_threshold: 1 } },
    })

    const response = await front.request('/')

    expect(response.status).toBe(504)
    expect(response.json()).toMatchObject({
      code: 'GW_UPSTREAM_CONNECT_TIMEOUT',
      error: 'Upstream timeout',
    })
    expect(front.logs.find({ level: 'warn', source: 'upstream' })).toHaveLength(1)
    expect(front.gateway.exchanges).toBe(0)
    expect(front.endpoint().active).toBe(0)
    expect((await front.request('/')).json()).toMatchObject({ code: 'GW_SERVICE_UNAVAILABLE' })
  })
})

describe('an upstream that says too much', () => {
  it.each([
    ['interim responses', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(20)],
    ['100 responses', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(40)],
    ['bytes of a head', 'HTTP/1.1 200 OK\r\nX: ', 'x'.repeat(1000)],
    ['fields of a head', 'HTTP/1.1 200 OK\r\n', 'X: 1\r\n'.repeat(50)],
  ])('%s without end: 502', async (_what, begin, rest = begin) => {
    await using server = await ScriptedServer.start(flooding(begin, rest), answering('next'))
    await using front = await startBehind(server)
    using client = await front.connect()

    await client.send(get)
    const response = await client.readResponse()

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_HTTP1_RESPONSE_TOO_LARGE' })
    expect(front.logs.find({ code: 'GW_HTTP1_RESPONSE_TOO_LARGE' })).toHaveLength(1)
    await server.peers[0]?.gone()
    expect((await front.request('/')).text).toBe('next')
  })

  it.each([
    ['trailers', '0\r\n', 'X: 1\r\n'],
    ['a chunk extension', '1;', 'x'.repeat(100)],
    ['a chunk size', '', '0'],
  ])('%s without end: the client is cut off', async (_what, begin, rest) => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    await using server = await ScriptedServer.start(flooding(head + begin, rest))
    await using front = await startBehind(server)
    using client = await front.connect()

    await client.send(get)

    expect(await client.closed()).toBe('reset')
    expect(front.logs.find({ level: 'warn', source: 'upstream' })).toHaveLength(1)
    await server.peers[0]?.gone()
    expect(front.gateway.exchanges).toBe(0)
  })
})

describe('an upstream that speaks out of turn', () => {
  it('switches protocols unasked: 502', async () => {
    const switching =
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'
    await using server = await ScriptedServer.start((peer) => peer.write(switching))
    await using front = await startBehind(server)

    const response = await front.request('/')

    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_PROTOCOL' })
    await server.peers[0]?.gone()
  })

  it('answers an upload before its end, and is not used again before that', async () => {
    await using server = await ScriptedServer.start(async (peer) => {
      await peer.until('half')
      await peer.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly')
    }, answering('next'))
    await using front = await startBehind(server)
    using client = await front.connect()

    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\nhalf')
    expect((await client.readResponse()).text).toBe('early')
    expect((await front.request('/')).text).toBe('next')
    await client.send(`half${get}`)

    expect((await client.readResponse()).text).toBe('next')
    await server.peers[0]?.gone()
    expect(server.peers).toHaveLength(2)
    expect(front.logs.find({ level: 'warn' })).toEqual([])
  })

  it('sends more than it announced: the client gets what was announced', async () => {
    await using server = await ScriptedServer.start(
      (peer) => peer.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfourmore'),
      answering('next'),
    )
    await using front = await startBehind(server)

    expect((await front.request('/')).text).toBe('four')
    await server.peers[0]?.gone()
    expect((await front.request('/')).text).toBe('next')
  })
})

/** Writes until nobody listens. */
function flooding(begin: string, rest: string): Script {
  return async (peer) => {
    await peer.until('\r\n\r\n')
    let flowing = await peer.write(begin)
    while (flowing) {
      // A write that is done at once would leave nobody else a turn.
      await new Promise((resolve) => setImmediate(resolve))
      flowing = await peer.write(rest)
    }
  }
}
