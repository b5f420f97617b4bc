import { reply, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { type Front, startBehind } from './behind.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

describe('the options of an entrypoint', () => {
  it.each([
    [
      'max_header_bytes',
      '1KiB',
      `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(1024)}\r\n\r\n`,
      431,
    ],
    ['max_headers', 3, `GET / HTTP/1.1\r\nHost: h\r\n${'X: y\r\n'.repeat(3)}\r\n`, 431],
    ['max_target_bytes', 10, 'GET /0123456789 HTTP/1.1\r\nHost: h\r\n\r\n', 414],
    ['header_timeout', '10ms', 'GET / HTTP/1.1\r\n', 408],
    [
      'upload_idle_timeout',
      '10ms',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf',
      408,
    ],
  ])('%s = %s', async (key, value, bytes, status) => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, { entrypoint: { http: { [key]: value } } })
    using client = await gateway.connect()

    await client.send(bytes)
    const response = await client.readResponse()

    expect(response.status).toBe(status)
    expect(response.json()).toMatchObject({ status, error: expect.any(String) })
    expect(await client.closed()).toBe('end')
    expect(gateway.logs.find({ source: 'client', level: 'debug' })).toHaveLength(1)
    expectNothingLeft(gateway)
  })

  it('keep_alive_timeout = 10ms', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, {
      entrypoint: { http: { keep_alive_timeout: '10ms' } },
    })
    using client = await gateway.connect()

    await client.send(get)
    await client.readResponse()

    expect(await client.readToEnd()).toHaveLength(0)
  })

  it('write_timeout = 300ms', async () => {
    await using upstream = await startUpstream(reply(200, {}, Buffer.alloc(32 * 2 ** 20)))
    await using gateway = await startBehind(upstream, {
      entrypoint: { http: { write_timeout: '300ms' } },
    })
    using client = await gateway.connect()
    client.pause()

    await client.send(get)
    const { gone } = await upstream.nextRequest()
    await gone
    client.resume()

    expect(await client.closed()).toBe('reset')
    expectNothingLeft(gateway)
  })

  it('max_requests_per_connection = 2', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, {
      entrypoint: { http: { max_requests_per_connection: 2 } },
    })
    using client = await gateway.connect()

    await client.send(get.repeat(3))

    expect((await client.readResponse()).headers['connection']).toBeUndefined()
    expect((await client.readResponse()).headers['connection']).toBe('close')
    expect(await client.readToEnd()).toHaveLength(0)
  })

  it.each([
    { http: { max_header_bytes: 0 } },
    { http: { header_timeout: 'soon' } },
    { http: { max_headers: 0 } },
    { http: { unknown: 1 } },
    { forwarded_headers: { trusted_ips: ['10.0.0.0/33'] } },
    { forwarded_headers: { trusted_ips: ['proxy.example'] } },
    { forwarded_header: {} },
  ])('%j are refused', async (entrypoint) => {
    await using upstream = await startUpstream()

    await expect(startBehind(upstream, { entrypoint })).rejects.toMatchObject({
      code: 'GW_CONFIG_INVALID',
    })
  })
})

function expectNothingLeft({ gateway, endpoint }: Front): void {
  expect(gateway.exchanges).toBe(0)
  expect(endpoint().active).toBe(0)
}
