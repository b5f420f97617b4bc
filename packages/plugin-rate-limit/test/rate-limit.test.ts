import { consumerKey } from '@gatewright/identity'
import { definePlugin, type Plugin } from '@gatewright/kernel'
import { mountMiddleware } from '@gatewright/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { rateLimit, rateLimitVerdict } from '../src/index.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('rate-limit', () => {
  it('lets a burst pass and refuses the next request', async () => {
    stopTime()
    await using mounted = await mountMiddleware(rateLimit, { rate: 10, burst: 5 })

    const responses = await sendTimes(6, mounted.send)

    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429])
    expect(responses[5]?.error?.code).toBe('GW_RATE_LIMIT_EXCEEDED')
    expect(responses[5]?.json()).toMatchObject({ error: 'Rate limit exceeded' })
    expect(mounted.upstream.requests).toHaveLength(5)
  })

  it('allows again after exactly what Retry-After says', async () => {
    const clock = stopTime()
    await using mounted = await mountMiddleware(rateLimit, { rate: 2, burst: 1, period: '1m' })
    await mounted.send()

    const refused = await mounted.send()
    clock.advance(29_999)
    const early = await mounted.send()
    clock.advance(1)
    const late = await mounted.send()

    expect(refused.headers['retry-after']).toBe('30')
    expect([early.status, late.status]).toEqual([429, 200])
    expect(early.headers['retry-after']).toBe('1')
  })

  it('tells every client how much is left', async () => {
    stopTime()
    await using mounted = await mountMiddleware(rateLimit, { rate: 10, burst: 2, period: '10s' })

    const responses = await sendTimes(3, mounted.send)

    expect(responses.map(fieldsOf)).toEqual([
      ['2', '1', '1'],
      ['2', '0', '2'],
      ['2', '0', '2'],
    ])
  })

  it('replaces what the upstream says about limits of its own', async () => {
    const upstream = { status: 200, headers: { 'ratelimit-remaining': '9999' } }
    await using mounted = await mountMiddleware(rateLimit, { rate: 10 })

    const { headers } = await mounted.send({ upstream })

    expect(headers['ratelimit-remaining']).toBe('9')
  })

  it('sends nothing but Retry-After without "headers", and the status that it is told', async () => {
    stopTime()
    const options = { rate: 1, headers: false, status: 503 }
    await using mounted = await mountMiddleware(rateLimit, options)

    const [passed, refused] = await sendTimes(2, mounted.send)

    expect(passed && fieldsOf(passed)).toEqual([undefined, undefined, undefined])
    expect(refused && fieldsOf(refused)).toEqual([undefined, undefined, undefined])
    expect(refused?.headers['retry-after']).toBe('1')
    expect(refused?.status).toBe(503)
  })

  it('counts over a window that slides', async () => {
    const clock = stopTime()
    const options = { rate: 2, period: '10s', algorithm: 'sliding-window' }
    await using mounted = await mountMiddleware(rateLimit, options)
    await sendTimes(2, mounted.send)

    clock.advance(10_000)
    const atOnce = await mounted.send()
    clock.advance(5000)
    const later = await mounted.send()

    expect([atOnce.status, later.status]).toEqual([429, 200])
    expect(atOnce.headers['retry-after']).toBe('5')
  })

  it('charges what a field says, and no nonsense', async () => {
    stopTime()
    await using mounted = await mountMiddleware(rateLimit, { rate: 100, cost: 'header:X-Cost' })
    const remaining: (string | undefined)[] = []

    for (const cost of ['10', '0', '-5', '1e3', '', '007', '20']) {
      const { headers } = await mounted.send({ headers: { 'x-cost': cost } })
      remaining.push(headers['ratelimit-remaining'])
    }

    expect(remaining).toEqual(['90', '89', '88', '87', '86', '85', '65'])
  })

  it.each(['101', '99999999999', '9'.repeat(400)])(
    'charges all of the limit for %s, which is more',
    async (cost) => {
      stopTime()
      await using mounted = await mountMiddleware(rateLimit, { rate: 100, cost: 'header:X-Cost' })
      const headers = { 'x-cost': cost }

      const whole = await mounted.send({ headers, remoteAddress: '192.0.2.1' })
      await mounted.send({ remoteAddress: '192.0.2.2' })
      const notWhole = await mounted.send({ headers, remoteAddress: '192.0.2.2' })

      expect([whole.status, whole.headers['ratelimit-remaining']]).toEqual([200, '0'])
      expect(notWhole.status).toBe(429)
    },
  )

  it('leaves a count that other plugins can read', async () => {
    await using mounted = await mountMiddleware(rateLimit, { rate: 10 })

    const { ctx } = await mounted.send()

    expect(ctx.get(rateLimitVerdict)).toMatchObject({ allowed: true, limit: 10, remaining: 9 })
  })

  it('keeps counting over a reload, and begins anew with other options', async () => {
    stopTime()
    await using mounted = await mountMiddleware(rateLimit, { rate: 1 })
    await mounted.send()

    await mounted.reload({ rate: 1 })
    const same = await mounted.send()
    await mounted.reload({ rate: 2 })
    const other = await mounted.send()

    expect([same.status, other.status]).toEqual([429, 200])
  })

  it('refuses nothing in a dry run, and says what it would have refused', async () => {
    stopTime()
    await using mounted = await mountMiddleware(rateLimit, { rate: 1 }, { dryRun: true })

    const responses = await sendTimes(2, mounted.send)

    expect(responses.map(({ status }) => status)).toEqual([200, 200])
    expect(mounted.logs.find({ code: 'GW_RATE_LIMIT_EXCEEDED', status: 429 })).toHaveLength(1)
  })

  it('warns when more clients come than it can remember', async () => {
    stopTime()
    await using mounted = await mountMiddleware(rateLimit, { rate: 1, max_keys: 1 })

    await mounted.send({ remoteAddress: '192.0.2.1' })
    await mounted.send({ remoteAddress: '192.0.2.2' })

    expect(mounted.logs.find({ msg: 'rate limit forgets keys in use', lost: 1 })).toHaveLength(1)
  })
})

describe('rate-limit by concurrency', () => {
  const options = { rate: 1, algorithm: 'concurrency' }

  it('refuses what is too much at once, and takes more when the first has ended', async () => {
    await using mounted = await mountMiddleware(rateLimit, options)
    const arrived = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<number>()
    const first = mounted.send({
      upstream: () => {
        arrived.resolve()
        return goOn.promise
      },
    })
    await arrived.promise

    const second = await mounted.send()
    goOn.resolve(200)
    const firstAnswer = await first
    const third = await mounted.send()

    expect([firstAnswer.status, second.status, third.status]).toEqual([200, 429, 200])
    expect(fieldsOf(second)).toEqual(['1', '0', undefined])
    expect(second.headers['retry-after']).toBe('1')
  })

  it('takes more when the client of the first has gone', async () => {
    await using mounted = await mountMiddleware(rateLimit, options)
    const upstream = (): Promise<never> => {
      setImmediate(mounted.abort)
      return new Promise(() => undefined)
    }
    await mounted.send({ upstream })

    const next = await mounted.send()

    expect(next.status).toBe(200)
  })

  it('takes more when the upstream of the first has failed', async () => {
    await using mounted = await mountMiddleware(rateLimit, options)
    await mounted.send({ upstream: () => Promise.reject(new Error('broken')) })

    const next = await mounted.send()

    expect(next.status).toBe(200)
  })
})

describe('the key of rate-limit', () => {
  const rate = { rate: 1, period: '1h' }

  it.each([
    { key: 'client_ip', a: { remoteAddress: '192.0.2.1' }, b: { remoteAddress: '192.0.2.2' } },
    {
      key: 'client_ip',
      a: { remoteAddress: '2001:db8:0:1::1' },
      b: { remoteAddress: '2001:db8:0:2::1' },
    },
    { key: 'header:X-Tenant', a: tenant('a'), b: tenant('b') },
    { key: 'header:x-tenant', a: tenant('x'.repeat(4000)), b: tenant(`${'x'.repeat(3999)}y`) },
    { key: 'header:x-tenant', a: tenant('127.0.0.1'), b: {} },
    { key: 'cookie:sid', a: cookies('sid=1'), b: cookies('other=1; sid=2') },
    { key: 'path', a: { target: '/a?x=1' }, b: { target: '/b?x=1' } },
    { key: 'path', a: { target: '/%61' }, b: { target: '/%2561' } },
    { key: 'path', a: { target: '/a' }, b: { target: '/%61/' } },
    { key: ['path', 'client_ip'], a: { target: '/a' }, b: { target: '/b' } },
    { key: 'consumer', a: tenant('ann'), b: tenant('bob') },
    { key: 'jwt:tenant', a: tenant('ann'), b: tenant('bob') },
    { key: 'jwt:realm.tenant', a: tenant('ann'), b: tenant('bob') },
  ])('$key gives each its own limit', async ({ key, a, b }) => {
    await using mounted = await mountBehindLogin({ ...rate, key })

    const statuses = [
      await mounted.send(a),
      await mounted.send(b),
      await mounted.send(a),
      await mounted.send(b),
    ].map(({ status }) => status)

    expect(statuses).toEqual([200, 200, 429, 429])
  })

  it.each([
    {
      key: 'client_ip',
      a: { remoteAddress: '2001:db8::1' },
      b: { remoteAddress: '2001:db8::2' },
    },
    {
      key: 'client_ip',
      a: { remoteAddress: '::ffff:192.0.2.1' },
      b: { remoteAddress: '192.0.2.1' },
    },
    { key: 'global', a: { remoteAddress: '192.0.2.1' }, b: { remoteAddress: '192.0.2.2' } },
    { key: 'path', a: { target: '/a?x=1' }, b: { target: '/a?x=2' } },
    { key: 'path', a: { target: '/a/b' }, b: { target: '/%61/%62?x=2' } },
    { key: 'path', a: { target: '/a/b' }, b: { target: '//a///b' } },
    { key: 'path', a: { target: '/a/b' }, b: { target: '/a%2Fb' } },
    { key: 'path', a: { target: '/a/b' }, b: { target: '/./c/%2E%2e/a/b' } },
    { key: 'path', a: { target: '/a/' }, b: { target: '/a//' } },
    { key: 'header:x-tenant', a: {}, b: {} },
    { key: 'cookie:sid', a: cookies('other=1'), b: {} },
    { key: 'jwt:unknown.claim', a: tenant('ann'), b: tenant('bob') },
  ])('$key counts both together', async ({ key, a, b }) => {
    await using mounted = await mountBehindLogin({ ...rate, key })

    const first = await mounted.send(a)
    const second = await mounted.send(b)

    expect([first.status, second.status]).toEqual([200, 429])
  })

  it.each([
    { missing: 'client_ip', statuses: [200, 200, 429] },
    { missing: 'global', statuses: [200, 429, 429] },
    { missing: 'skip', statuses: [200, 200, 200] },
  ])('has $missing in its place if it is missing', async ({ missing, statuses }) => {
    const options = { ...rate, key: 'header:x-tenant', missing_key: missing }
    await using mounted = await mountBehindLogin(options)

    const responses = [
      await mounted.send({ remoteAddress: '192.0.2.1' }),
      await mounted.send({ remoteAddress: '192.0.2.2' }),
      await mounted.send({ remoteAddress: '192.0.2.1' }),
    ]

    expect(responses.map(({ status }) => status)).toEqual(statuses)
  })
})

function mountBehindLogin(options: Record<string, unknown>) {
  return mountMiddleware(rateLimit, options, { plugins: [login] })
}

/** Stands for a middleware that makes sure of who sends. */
const login: Plugin = definePlugin({
  name: 'login',
  setup(gateway) {
    gateway.hooks.request.tap('login', (ctx) => {
      const name = ctx.request.headers.get('x-tenant')
      if (name === undefined) return
      ctx.set(consumerKey, { name, claims: { tenant: name, realm: { tenant: [name] } } })
    })
  },
})

function tenant(name: string) {
  return { headers: { 'x-tenant': name } }
}

function cookies(text: string) {
  return { headers: { cookie: text } }
}

function stopTime() {
  let now = 1000
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  return {
    advance(ms: number): void {
      now += ms
    },
  }
}

async function sendTimes<T>(count: number, send: () => Promise<T>): Promise<T[]> {
  const responses: T[] = []
  for (let i = 0; i < count; i++) responses.push(await send())
  return responses
}

function fieldsOf({ headers }: { headers: Readonly<Record<string, string | undefined>> }) {
  return ['limit', 'remaining', 'reset'].map((name) => headers[`ratelimit-${name}`])
}
