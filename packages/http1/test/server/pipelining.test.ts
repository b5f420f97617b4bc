import { setImmediate as nextTurn } from 'node:timers/promises'
import { HeaderList } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { quiet } from '../quiet.ts'
import { type EngineExchange, startEngine } from './engine.ts'

const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'
const three =
  'GET /1 HTTP/1.1\r\nhost: a\r\n\r\n' +
  'POST /2 HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello' +
  'POST /3 HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'

describe('requests that come one after the other', () => {
  it('are answered on one connection', async () => {
    await using engine = await startEngine()
    using client = await engine.connect()

    for (const target of ['/a', '/b', '/c']) {
      await client.send(`GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`)
      expect((await client.readResponse()).text).toBe(target)
    }

    expect(engine.connections).toHaveLength(1)
    expect(engine.count('done')).toBe(3)
  })
})

describe('requests that come together', () => {
  it('are answered in order', async () => {
    await using engine = await startEngine()
    using client = await engine.connect()

    await client.send(three)

    expect(await texts(client, 3)).toEqual(['/1', '/2', '/3'])
  })

  it('are answered in order however their bytes are split', async () => {
    await using engine = await startEngine()
    using client = await engine.connect()

    const answers = texts(client, 3)
    for (const byte of three) {
      await client.send(byte)
      await nextTurn()
    }

    expect(await answers).toEqual(['/1', '/2', '/3'])
  })

  it('wait for each other, whichever answer is ready first', async () => {
    const open: EngineExchange[] = []
    await using engine = await startEngine((exchange) => {
      if (exchange.request.hasBody) exchange.request.takeBody()?.start(ignoring)
      open.push(exchange)
    })
    using client = await engine.connect()

    await client.send(three)
    await engine.told('request GET /1')

    expect(engine.events).toEqual(['request GET /1'])
    for (const target of ['POST /2', 'POST /3']) {
      open.at(-1)?.respond({ status: 200, body: open.at(-1)?.request.target ?? '' })
      await engine.told(`request ${target}`)
    }
    open.at(-1)?.respond({ status: 200, body: '/3' })
    expect(await texts(client, 3)).toEqual(['/1', '/2', '/3'])
  })

  it('are not read beyond a bound while one of them is under way', async () => {
    await using engine = await startEngine(() => undefined)
    using client = await engine.connect()
    const piece = get.repeat(10_000)

    let sent = 0
    for (let i = 0; i < 50; i++) void client.send(piece).then(() => sent++)
    const held = await quiet(() => sent, 500)

    // The rest of 14 MB is held back; the buffers of the sockets take what they can.
    expect(held).toBeLessThan(50)
    expect(engine.count('request GET /')).toBe(1)
  })

  it('are not answered on and on for a client that does not read', async () => {
    const body = Buffer.alloc(64 * 1024)
    await using engine = await startEngine(({ respond }) => respond({ status: 200, body }))
    using client = await engine.connect()
    client.pause()

    await client.send(get.repeat(1500))
    await quiet(() => engine.events.length)

    // What fits into the buffers of two sockets, and nothing beyond that.
    expect(engine.count('request GET /')).toBeLessThan(500)
    client.resume()
    for (let i = 0; i < 1500; i++) expect((await client.readResponse()).body).toHaveLength(65_536)
  })

  it.each([
    ['together', get.repeat(20_000), 1],
    ['one by one', get, 20_000],
  ])('%s get no more answers than fit into the buffers', async (_how, bytes, times) => {
    const headers = new HeaderList(['x-large', 'x'.repeat(4096)])
    await using engine = await startEngine(({ respond }) => respond({ status: 204, headers }))
    using client = await engine.connect()
    client.pause()

    for (let i = 0; i < times; i++) {
      void client.send(bytes)
      await nextTurn()
    }

    // 80 MB would be all of them.
    expect(await quiet(() => engine.count('done'))).toBeLessThan(10_000)
    expect(engine.connections[0]?.wire.blocked).toBe(true)
  })

  it('are no longer answered after one that closes the connection', async () => {
    await using engine = await startEngine()
    using client = await engine.connect()

    await client.send(
      'GET /1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\n\r\n',
    )

    const response = await client.readResponse()
    expect(response.headers['connection']).toBe('close')
    expect(await client.readToEnd()).toHaveLength(0)
    expect(engine.count('request GET /2')).toBe(0)
  })

  it('get the answer to the whole ones before the fault in the last one', async () => {
    await using engine = await startEngine()
    using client = await engine.connect()

    await client.send('GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /2 HTTP/1.1\r\nno colon\r\n\r\n')

    expect((await client.readResponse()).status).toBe(200)
    expect((await client.readResponse()).status).toBe(400)
    expect(await client.closed()).toBe('end')
  })
})

const ignoring = {
  write: () => true,
  end: () => undefined,
  fail: () => undefined,
}

async function texts(
  client: { readResponse: () => Promise<{ text: string }> },
  count: number,
): Promise<string[]> {
  const read: string[] = []
  while (read.length < count) read.push((await client.readResponse()).text)
  return read
}
