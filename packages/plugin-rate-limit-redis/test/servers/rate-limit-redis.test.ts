import { type MountedMiddleware, mountMiddleware } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { rateLimitRedis } from '../../src/index.ts'
import { listenOnTcp, startRedis } from './redis-server.ts'

/** Long enough that nothing comes back while a test runs, on the busiest machine. */
const patient = { period: '1h', timeout: '5s', on_failure: 'closed' }

describe('rate-limit-redis with a real Redis', () => {
  it.each(['token-bucket', 'sliding-window'])('counts with a %s', async (algorithm) => {
    await using redis = await startRedis()
    await using mounted = await mountReady(redis.url, { rate: 2, algorithm })

    const responses = [await mounted.send(), await mounted.send(), await mounted.send()]

    expect(responses.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(responses.map(({ headers }) => headers['ratelimit-limit'])).toEqual(['2', '2', '2'])
    expect(responses.map(({ headers }) => headers['ratelimit-remaining'])).toEqual(['1', '0', '0'])
    expect(responses[2]?.error?.code).toBe('GW_RATE_LIMIT_REDIS_EXCEEDED')
    expect(responses[2]?.json()).toMatchObject({ error: 'Rate limit exceeded (distributed)' })
    expect(mounted.upstream.requests).toHaveLength(2)
  })

  it('says when to come back', async () => {
    await using redis = await startRedis()
    await using mounted = await mountReady(redis.url, { rate: 2 })

    const responses = [await mounted.send(), await mounted.send(), await mounted.send()]

    // Half an hour for one token, less what has passed since the first request.
    const seconds = Number(responses[2]?.headers['retry-after'])
    expect(seconds).toBeGreaterThan(1700)
    expect(seconds).toBeLessThanOrEqual(1800)
  })

  it.each(['token-bucket', 'sliding-window'])(
    'allows again in time with a %s',
    async (algorithm) => {
      await using redis = await startRedis()
      await using mounted = await mountReady(redis.url, { rate: 1, period: '100ms', algorithm })
      await mounted.send()

      await vi.waitFor(async () => expect((await mounted.send()).status).toBe(200), {
        timeout: 10_000,
      })
    },
  )

  it('gives each client its own limit', async () => {
    await using redis = await startRedis()
    await using mounted = await mountReady(redis.url, { rate: 1 })

    const responses = [
      await mounted.send({ remoteAddress: '192.0.2.1' }),
      await mounted.send({ remoteAddress: '192.0.2.2' }),
      await mounted.send({ remoteAddress: '192.0.2.1' }),
    ]

    expect(responses.map(({ status }) => status)).toEqual([200, 200, 429])
  })

  it('charges what a request costs', async () => {
    await using redis = await startRedis()
    await using mounted = await mountReady(redis.url, { rate: 10, cost: 4 })

    const responses = [await mounted.send(), await mounted.send(), await mounted.send()]

    expect(responses.map(({ headers }) => headers['ratelimit-remaining'])).toEqual(['6', '2', '2'])
    expect(responses[2]?.status).toBe(429)
  })

  it('speaks to it over TCP', async () => {
    await using redis = await startRedis()
    await using tcp = await listenOnTcp(redis)
    await using mounted = await mountReady(tcp.url, { rate: 1 })

    const responses = [await mounted.send(), await mounted.send()]

    expect(responses.map(({ status }) => status)).toEqual([200, 429])
  })

  it.each(['token-bucket', 'sliding-window'])(
    'lets two gateways together pass exactly what one may, with a %s',
    async (algorithm) => {
      await using redis = await startRedis()
      const options = { rate: 50, algorithm }
      await using one = await mountReady(redis.url, options)
      await using two = await mountReady(redis.url, options)

      const responses = await Promise.all(
        Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? one : two).send()),
      )

      expect(responses.filter(({ status }) => status === 200)).toHaveLength(50)
      expect(responses.filter(({ status }) => status === 429)).toHaveLength(150)
      expect(one.upstream.requests.length + two.upstream.requests.length).toBe(50)
    },
  )

  it('says so once if Redis has no such database', async () => {
    await using redis = await startRedis()
    const options = { redis_url: `${redis.url}?db=99`, rate: 1, on_failure: 'closed' }
    await using mounted = await mountMiddleware(rateLimitRedis, options)
    const warnings = () => mounted.logs.find({ level: 'warn' })
    await vi.waitFor(() => expect(warnings()).toHaveLength(1))

    expect((await mounted.send()).status).toBe(503)
    expect(warnings()).toMatchObject([{ problem: expect.stringContaining('out of range') }])
  })

  it('comes back by itself when Redis was killed under load and started again', async () => {
    await using redis = await startRedis()
    await using mounted = await mountReady(redis.url, { rate: 1_000_000 })
    using load = new Load(mounted)
    await load.until(200)

    await redis.kill()
    await load.until(503)
    await redis.start()
    await load.until(200)

    await load.stop()
    expect(load.seen).toEqual(new Set([200, 503]))
    expect(mounted.logs.find({ level: 'warn' })).toHaveLength(1)
    expect(mounted.logs.find({ msg: 'rate limit is counted in Redis again' })).toHaveLength(1)
  })

  it('counts by itself while Redis is away, and together again afterwards', async () => {
    await using redis = await startRedis()
    await using mounted = await mountReady(redis.url, { rate: 1, on_failure: 'local' })
    await redis.kill()
    await vi.waitFor(() => expect(mounted.logs.find({ level: 'warn' })).toHaveLength(1))

    const responses = [await mounted.send(), await mounted.send()]

    expect(responses.map(({ status }) => status)).toEqual([200, 429])
  })

  it('waits for nobody while Redis stands still, and goes on when it does', async () => {
    await using redis = await startRedis()
    await using mounted = await mountReady(redis.url, { rate: 1_000_000, timeout: '50ms' })
    using load = new Load(mounted)
    await load.until(200)

    redis.pause()
    await load.until(503)
    redis.resume()
    await load.until(200)

    await load.stop()
    expect(load.seen).toEqual(new Set([200, 503]))
  })

  it('gives up a connection on which nothing comes back', async () => {
    await using redis = await startRedis()
    await using mounted = await mountReady(redis.url, { rate: 1_000_000, timeout: '50ms' })
    redis.pause()

    await mounted.send()
    // Its place is taken by one that does.
    await redis.kill()
    await redis.start()

    await vi.waitFor(async () => expect((await mounted.send()).status).toBe(200), {
      timeout: 20_000,
    })
  })
})

/** A gateway whose connection stands. */
async function mountReady(
  redis_url: string,
  options: Readonly<Record<string, unknown>>,
): Promise<MountedMiddleware> {
  const mounted = await mountMiddleware(rateLimitRedis, { ...patient, redis_url, ...options })
  // Costs a limit that no test looks at.
  const probe = { remoteAddress: '203.0.113.1' }
  await vi.waitFor(
    async () => expect((await mounted.send(probe)).headers['ratelimit-limit']).toBeDefined(),
    { timeout: 20_000 },
  )
  mounted.upstream.requests.length = 0
  return mounted
}

/** Sends one request after the other until it is stopped. */
class Load implements Disposable {
  readonly seen = new Set<number>()
  readonly #mounted: MountedMiddleware
  readonly #done: Promise<void>
  #last = 0
  #going = true

  constructor(mounted: MountedMiddleware) {
    this.#mounted = mounted
    this.#done = this.#run()
  }

  async until(status: number): Promise<void> {
    await vi.waitUntil(() => this.#last === status, { timeout: 20_000, interval: 10 })
  }

  async stop(): Promise<void> {
    this.#going = false
    await this.#done
  }

  [Symbol.dispose](): void {
    this.#going = false
  }

  async #run(): Promise<void> {
    while (this.#going) {
      this.#last = (await this.#mounted.send()).status
      this.seen.add(this.#last)
      await new Promise(setImmediate)
    }
  }
}
