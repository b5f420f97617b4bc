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

  it.each([
    ['redis://127.0.0.1:6379/abc', 'the number of a database'],
    ['redis://127.0.0.1:6379/1/2', 'the number of a database'],
    ['redis://127.0.0.1:6379/-1', 'the number of a database'],
    ['redis://127.0.0.1:6379/0x1', 'the number of a database'],
    ['redis://127.0.0.1:6379/99999999999', 'the number of a database'],
    ['redis:///x', 'there is no host'],
    ['redis://127.0.0.1:99999', 'its port'],
    ['redis://u:p%zzw@127.0.0.1:6379/0', '"%" itself as "%25"'],
    ['unix://relative', 'must be absolute'],
    ['unix:///', 'must be absolute'],
    ['unix://u:p%zzw@/run/redis.sock', '"%" itself as "%25"'],
    ['unix://u:p:zzw@/run/redis.sock', 'percent-encoded'],
    ['unix:///run/redis.sock?db=x', '"db" must be a number'],
  ])('is refused with %s, and shows no password', async (redis_url, problem) => {
    const options = { ...nowhere, redis_url }

    const refusal = await mountMiddleware(rateLimitRedis, options).catch((error: unknown) => error)

    expect(refusal).toMatchObject({
      problems: [
        { path: ['redis_url'], code: 'GW_RATE_LIMIT_REDIS_URL', hint: expect.any(String) },
      ],
    })
    expect(String(refusal)).toContain(problem)
    expect(String(refusal)).not.toContain('zzw')
  })

  it.each([
    'redis://127.0.0.1:1',
    'redis://127.0.0.1:1/',
    'redis://127.0.0.1:1/15?x=y',
    'redis://:p%25w@[::1]:1/0',
    'unix:///nonexistent/redis.sock',
    'unix://u:p%40w@/nonexistent/redis.sock?db=3',
  ])('takes %s, and says that nobody is there', async (redis_url) => {
    await using mounted = await mountMiddleware(rateLimitRedis, { ...nowhere, redis_url })

    await vi.waitFor(() => expect(warnings(mounted)).toHaveLength(1))

    expect(JSON.stringify(warnings(mounted))).toMatch(/ECONNREFUSED|ENOENT|EADDRNOTAVAIL/)
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
