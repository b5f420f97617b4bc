import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { startBehind } from '../behind.ts'
import { startNghttpd, startNginx } from './http2-server.ts'

describe.each([
  { name: 'nghttpd', start: startNghttpd },
  { name: 'nginx', start: startNginx },
])('$name, in HTTP/2 without TLS', ({ start }) => {
  it('answers GET, HEAD and what it does not have', async () => {
    await using server = await start()
    await using gateway = await startBehind(server)

    const whole = await gateway.request('/file')
    const head = await gateway.request('/file', { method: 'HEAD' })
    const missing = await gateway.request('/missing')

    expect(whole.status).toBe(200)
    expect(digestOf(whole.body)).toBe(digestOf(server.file))
    expect([head.status, head.text]).toEqual([200, ''])
    expect(head.headers['content-length']).toBe(String(server.file.length))
    expect(missing.status).toBe(404)
  })

  it('serves many at once', async () => {
    await using server = await start()
    await using gateway = await startBehind(server)

    const answers = await Promise.all(
      Array.from({ length: 300 }, () => gateway.request('/missing')),
    )

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]))
    expect(gateway.endpoint().active).toBe(0)
  })
})

describe('nghttpd', () => {
  it('gets an upload back as it was sent', async () => {
    await using server = await startNghttpd('--echo-upload')
    await using gateway = await startBehind(server)
    const body = Buffer.alloc(8 * 2 ** 20, 'there and back ')

    const response = await gateway.request('/', {
      method: 'POST',
      body: [body.subarray(0, 100), body.subarray(100)],
    })

    expect(digestOf(response.body)).toBe(digestOf(body))
  })

  it('may send trailers', async () => {
    await using server = await startNghttpd('--no-content-length', '--trailer=x-sum: 1')
    await using gateway = await startBehind(server)

    const response = await gateway.request('/file', {
      headers: { te: 'trailers', connection: 'te' },
    })

    expect(digestOf(response.body)).toBe(digestOf(server.file))
    expect(response.trailers).toEqual({ 'x-sum': '1' })
  })

  it('may allow few streams at once', async () => {
    await using server = await startNghttpd('--max-concurrent-streams=2')
    await using gateway = await startBehind(server, {
      balancer: { max_connections_per_server: 3 },
    })

    const answers = await Promise.all(Array.from({ length: 100 }, () => gateway.request('/none')))

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]))
  })

  it('may have a small window, and pad its frames', async () => {
    await using server = await startNghttpd('--window-bits=10', '--padding=200', '--echo-upload')
    await using gateway = await startBehind(server)
    const body = Buffer.alloc(2 ** 18, 'little by little ')

    const response = await gateway.request('/', { method: 'POST', body })

    expect(digestOf(response.body)).toBe(digestOf(body))
  })
})

describe('nginx', () => {
  it('sees a request as one of HTTP/2', async () => {
    await using server = await startNginx()
    await using gateway = await startBehind(server)

    const response = await gateway.request('/facts', {
      headers: { host: 'shop.example', 'x-own': '1' },
    })

    expect(response.text).toBe('GET HTTP/2.0 shop.example 1')
  })

  it('may take few requests on a connection; none is lost over that', async () => {
    await using server = await startNginx('keepalive_requests 50;')
    await using gateway = await startBehind(server)
    const seen = new Set<number>()

    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => gateway.request('/requests')),
      )
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      for (const { text } of answers) seen.add(Number(text))
    }

    expect(Math.max(...seen)).toBeLessThanOrEqual(50)
    expect(gateway.logs.find({ level: 'warn' })).toEqual([])
  })

  it('may allow one stream at a time', async () => {
    await using server = await startNginx('http2_max_concurrent_streams 1;')
    await using gateway = await startBehind(server)

    const answers = await Promise.all(Array.from({ length: 30 }, () => gateway.request('/facts')))

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  })
})

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
