import { setImmediate as nextTurn } from 'node:timers/promises'
import { after, hang, type RawClient, reply, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { deadlines } from '../src/environment.ts'
import { startBehind } from './behind.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const slow = { min_rate_grace: '50ms' }

describe('a client that sends slowly', () => {
  it('gets 408 for a head that dribbles in, however often a byte comes', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    for (const byte of get.slice(0, 10)) await sendAlone(client, byte)
    pass(9000)
    for (const byte of get.slice(10, 20)) await sendAlone(client, byte)
    pass(10_001)
    const response = await client.readResponse()

    expect(response.status).toBe(408)
    expect(response.json()).toMatchObject({ code: 'GW_HTTP1_HEADER_TIMEOUT' })
    expect(await client.closed()).toBe('end')
    expect(upstream.requests).toHaveLength(0)
  })

  it('gets 408 for an upload that stops, which the server does not take for a whole one', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf')
    const request = await upstream.nextHead()
    pass(60_001)
    const response = await client.readResponse()

    expect(response.status).toBe(408)
    expect(response.json()).toMatchObject({ code: 'GW_HTTP1_BODY_TIMEOUT' })
    expect(await client.closed()).toBe('end')
    expect(await request.completed).toBe(false)
  })

  it('gets 408 for an upload below min_upload_rate', async () => {
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream, {
      entrypoint: { http: { ...slow, min_upload_rate: '1KiB' } },
    })
    using client = await gateway.connect()

    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf')
    const request = await upstream.nextHead()
    const response = await client.readResponse()

    expect(response.status).toBe(408)
    expect(response.json()).toMatchObject({
      code: 'GW_HTTP1_UPLOAD_TOO_SLOW',
      error: 'the request body came more slowly than 1024 bytes per second',
    })
    expect(await client.closed()).toBe('end')
    expect(await request.completed).toBe(false)
    expect(gateway.logs.find({ code: 'GW_HTTP1_UPLOAD_TOO_SLOW', level: 'debug' })).toHaveLength(1)
  })

  it('may wait for its response as long as that takes, once its upload is complete', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream(after(gate.promise, reply(200, {}, 'late')))
    await using gateway = await startBehind(upstream, {
      entrypoint: { http: { ...slow, min_upload_rate: '1KiB', min_download_rate: '1KiB' } },
    })
    using client = await gateway.connect()

    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody')
    await upstream.nextRequest()
    pass(20_000)
    gate.resolve()

    expect((await client.readResponse()).text).toBe('late')
  })
})

describe('a client that reads slowly', () => {
  it.each([
    ['write_timeout', { write_timeout: '10s' }, 10_001],
    ['min_download_rate', { ...slow, min_download_rate: '1GiB' }, 1000],
  ])('is reset after %s', async (_key, http, ms) => {
    await using upstream = await startUpstream(reply(200, {}, Buffer.alloc(32 * 2 ** 20)))
    await using gateway = await startBehind(upstream, { entrypoint: { http } })
    using client = await gateway.connect()
    client.pause()

    await client.send(get)
    await upstream.nextRequest()
    // The system takes some megabytes before anything has to wait.
    while (gateway.gateway.exchanges > 0) {
      await nextTurn()
      pass(ms)
    }
    client.resume()

    expect(await client.closed()).toBe('reset')
  })

  it('gets everything if it is as fast as min_download_rate', async () => {
    const body = Buffer.alloc(8 * 2 ** 20, 'd')
    await using upstream = await startUpstream(reply(200, {}, body))
    await using gateway = await startBehind(upstream, {
      entrypoint: { http: { min_download_rate: '1KiB' } },
    })

    expect((await gateway.request('/')).body.equals(body)).toBe(true)
  })
})

/** Lets so much time pass, as far as deadlines are concerned. */
function pass(ms: number): void {
  deadlines.sweep(deadlines.later(ms))
}

/** Sends bytes that arrive by themselves. */
async function sendAlone(client: RawClient, bytes: string): Promise<void> {
  await client.send(bytes)
  await nextTurn()
}
