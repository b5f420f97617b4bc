/**
 * What becomes of a request on a connection that the upstream kept and then gave up.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import { type Front, startBehind } from '../behind.ts'
import { answering, type Script, type ScriptedPeer, ScriptedServer } from './scripted-server.ts'

const losses: readonly (readonly [string, (peer: ScriptedPeer) => void])[] = [
  ['closed', (peer) => peer.end()],
  ['reset', (peer) => peer.reset()],
]

describe.each(losses)('a kept connection that is %s under a request', (_how, lose) => {
  it.each([
    ['GET', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['HEAD', 'HEAD / HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['OPTIONS', 'OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['DELETE', 'DELETE / HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['PUT without a body', 'PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n'],
  ])('costs nothing but a new connection for %s', async (method, sent) => {
    await using server = await ScriptedServer.start(losing('', lose), answering(''))
    await using front = await startBehind(server)

    const status = await statusAfterAnother(front, sent, method)

    expect(status).toBe(200)
    expect(server.peers).toHaveLength(2)
    expect(front.logs.find({ level: 'warn' })).toEqual([])
    expectNothingLeft(front)
  })

  it.each([
    ['POST', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n', ''],
    ['PATCH', 'PATCH / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n', ''],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: h\r\n\r\n', ''],
    ['PUT with a body', 'PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody', ''],
    ['GET of which an answer had begun', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', 'HTTP/1.1 2'],
    [
      'GET after an interim response',
      'GET / HTTP/1.1\r\nHost: h\r\n\r\n',
      'HTTP/1.1 102 Processing\r\n\r\n',
    ],
  ])('answers 502 to %s', async (_what, sent, written) => {
    await using server = await ScriptedServer.start(losing(written, lose), answering(''))
    await using front = await startBehind(server)

    const status = await statusAfterAnother(front, sent, 'GET')

    expect(status).toBe(502)
    expect(server.peers).toHaveLength(1)
    expect(front.logs.find({ level: 'warn', code: 'GW_UPSTREAM_RESET' })).toHaveLength(1)
    expectNothingLeft(front)
  })
})

describe('a kept connection', () => {
  it('that is lost twice under the same request is not tried a third time', async () => {
    await using server = await ScriptedServer.start(
      losing('', (peer) => peer.end()),
      (peer) => peer.end(),
    )
    await using front = await startBehind(server)

    const status = await statusAfterAnother(front, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', 'GET')

    expect(status).toBe(502)
    expect(server.peers).toHaveLength(2)
    expectNothingLeft(front)
  })

  it.each([
    ['a response', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged'],
    ['an interim response', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['a single byte', '\n'],
  ])('on which %s arrives unasked is not used again', async (_what, bytes) => {
    const script: Script = async (peer) => {
      await peer.until('\r\n\r\n')
      await peer.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst')
      await new Promise((resolve) => setImmediate(resolve))
      await peer.write(bytes)
    }
    await using server = await ScriptedServer.start(script, answering('second'))
    await using front = await startBehind(server)

    expect((await front.request('/')).text).toBe('first')
    await server.peers[0]?.gone()

    expect((await front.request('/')).text).toBe('second')
    expect(front.logs.find({ level: 'warn' })).toEqual([])
  })
})

/** Answers one request; what comes next loses the connection. */
function losing(written: string, lose: (peer: ScriptedPeer) => void): Script {
  return async (peer) => {
    await peer.until('\r\n\r\n')
    await peer.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    await peer.until('\r\n\r\n', 2)
    if (written !== '') await peer.write(written)
    await new Promise((resolve) => setImmediate(resolve))
    lose(peer)
  }
}

async function statusAfterAnother(front: Front, sent: string, method: string): Promise<number> {
  expect((await front.request('/')).status).toBe(200)
  using client = await front.connect()
  await client.send(sent)
  const { status } = await client.readResponse({ method })
  return status
}

function expectNothingLeft({ gateway, endpoint }: Front): void {
  expect(gateway.exchanges).toBe(0)
  expect(endpoint().active).toBe(0)
}
