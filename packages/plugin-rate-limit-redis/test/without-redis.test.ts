import { mkdtempDisposable } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deadUrl, type MountedMiddleware, mountMiddleware } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { rateLimitRedis } from '../src/index.ts'

const nowhere = { redis_url: 'unix:///nonexistent/redis.sock', rate: 1, period: '1h' }

describe('rate-limit-redis without Redis', () => {
  it('lets requests pass if it is open', async () => {
    await using mounted = await mountMiddleware(rateLimitRedis, { ...nowhere, on_failure: 'open' })

    const statuses = [await mounted.send(), await mounted.send()].map(({ status }) => status)

    expect(statuses).toEqual([200, 200])
  })

  it('answers 503 if it is closed', async () => {
    const options = { ...nowhere, on_failure: 'closed' }
    await using mounted = await mountMiddleware(rateLimitRedis, options)

    const response = await mounted.send()

    expect(response.status).toBe(503)
    expect(response.error?.code).toBe('GW_RATE_LIMIT_REDIS_UNAVAILABLE')
    expect(response.headers['retry-after']).toBe('1')
    expect(mounted.upstream.requests).toHaveLength(0)
  })

  it('counts by itself if it is local', async () => {
    await using mounted = await mountMiddleware(rateLimitRedis, { ...nowhere, on_failure: 'local' })

    const first = await mounted.send()
    const second = await mounted.send()

    expect([first.status, second.status]).toEqual([200, 429])
    expect(second.headers['retry-after']).toBe('3600')
    expect(second.headers['ratelimit-remaining']).toBe('0')
  })

  it('says so once, and not where the password could be read', async () => {
    const redis_url = (await deadUrl()).replace('http://', 'redis://user:hunter2@')
    await using mounted = await mountMiddleware(rateLimitRedis, { ...nowhere, redis_url })

    await vi.waitFor(() => expect(warnings(mounted)).toHaveLength(1))
    expect(warnings(mounted)).toMatchObject([{ problem: expect.stringContaining('ECONNREFUSED') }])
    await mounted.send()
    await mounted.send()

    expect(warnings(mounted)).toHaveLength(1)
    expect(JSON.stringify(mounted.logs.entries)).not.toContain('hunter2')
  })

  it('does not show a URL that it refuses', async () => {
    const redis_url = 'redis://user:hunter2@host:port'

    const refusal = await mountMiddleware(rateLimitRedis, { ...nowhere, redis_url }).catch(String)

    expect(refusal).toContain('redis_url')
    expect(refusal).not.toContain('hunter2')
  })

  it('waits no longer than its timeout for somebody who says nothing', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'gatewright-'))
    const path = join(folder.path, 'silent.sock')
    await using silent = createServer((socket) => socket.resume()).listen(path)
    const options = { ...nowhere, redis_url: `unix://${path}`, on_failure: 'closed' }
    await using mounted = await mountMiddleware(rateLimitRedis, options)

    const response = await mounted.send()

    expect(response.status).toBe(503)
    expect(silent.listening).toBe(true)
  })
})

function warnings({ logs }: MountedMiddleware): unknown[] {
  return logs.find({ level: 'warn', msg: 'rate limit cannot be counted in Redis' })
}
