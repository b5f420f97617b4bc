import { errors } from '@gatewright/kernel'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { circuitState } from '../src/index.ts'
import { mountBreaker, startClocks, stopClocks } from './mounted.ts'

const endpoint = 'http://127.0.0.1:9001'
const refused = errors.GW_UPSTREAM_CONNECT({ endpoint, problem: 'ECONNREFUSED' })
const busy = errors.GW_UPSTREAM_BUSY({ endpoint, waiting: 9 })

describe.each(['service', 'endpoint'])('circuit-breaker per %s', (per) => {
  const options = { per, failure_threshold: 2, cooldown_secs: 10 }
  beforeEach(stopClocks)
  afterEach(startClocks)

  it.each([
    { outcome: 500, opens: true },
    { outcome: 503, opens: true },
    { outcome: refused, opens: true },
    { outcome: busy, opens: false },
    { outcome: 404, opens: false },
    { outcome: 429, opens: false },
  ])('opens after two answers of $outcome: $opens', async ({ outcome, opens }) => {
    await using mounted = await mountBreaker(options, { upstream: outcome })

    for (let i = 0; i < 4; i++) await mounted.send()

    expect(mounted.upstream.requests).toHaveLength(opens ? 2 : 4)
  })

  it('answers 503 and when to come back while it is open', async () => {
    await using mounted = await mountBreaker(options, { upstream: 500 })
    await mounted.send()
    await mounted.send()
    vi.advanceTimersByTime(2_500)

    const response = await mounted.send()

    expect(response.status).toBe(503)
    expect(response.headers['retry-after']).toBe('8')
    expect(response.json()).toMatchObject({
      code: 'GW_CIRCUIT_OPEN',
      error: 'Service unavailable (circuit breaker open)',
    })
    expect(response.ctx.get(circuitState)).toBe('open')
  })

  it('closes once a trial succeeds', async () => {
    const upstream = [500, 500, 200]
    await using mounted = await mountBreaker(options, { upstream })
    await mounted.send()
    await mounted.send()
    vi.advanceTimersByTime(10_000)

    const trial = await mounted.send()
    const after = await mounted.send()

    expect([trial.status, after.status]).toEqual([200, 200])
    expect(trial.ctx.get(circuitState)).toBe('half-open')
    expect(after.ctx.get(circuitState)).toBeUndefined()
    const messages = mounted.logs.find({ service: 'upstream' }).map(({ state }) => state)
    expect(messages).toEqual(['open', 'half-open', 'closed'])
  })

  it('lets one trial through at a time', async () => {
    await using mounted = await mountBreaker(options, { upstream: 500 })
    await mounted.send()
    await mounted.send()
    vi.advanceTimersByTime(10_000)
    const { promise, resolve } = Promise.withResolvers<number>()
    mounted.upstream.behave(() => promise)

    const trial = mounted.send()
    const others = await Promise.all([mounted.send(), mounted.send()])
    resolve(200)

    expect((await trial).status).toBe(200)
    expect(others.map(({ status }) => status)).toEqual([503, 503])
    expect((await mounted.send()).status).toBe(200)
  })

  it('gives the place of a trial back whose client left', async () => {
    await using mounted = await mountBreaker(options, { upstream: 500 })
    await mounted.send()
    await mounted.send()
    vi.advanceTimersByTime(10_000)

    for (let i = 0; i < 3; i++) {
      const upstream = (): Promise<never> => {
        setImmediate(mounted.abort)
        return new Promise(() => undefined)
      }
      const left = await mounted.send({ upstream })
      expect(left.error?.code).toBe('GW_CLIENT_ABORTED')
    }
    mounted.upstream.behave(200)

    expect((await mounted.send()).status).toBe(200)
    expect(mounted.logs.find({ state: 'closed' })).toHaveLength(1)
  })

  it('does not blame the service for clients that leave', async () => {
    await using mounted = await mountBreaker(options)
    for (let i = 0; i < 3; i++) {
      const upstream = (): Promise<never> => {
        setImmediate(mounted.abort)
        return new Promise(() => undefined)
      }
      await mounted.send({ upstream })
    }

    expect((await mounted.send()).status).toBe(200)
  })

  it.each([
    { failure_status: 429 },
    { failure_status: [429] },
    { failure_status: '418, 429-431' },
    { failure_status: [418, '429-431'] },
  ])('takes other statuses for failures if told to: $failure_status', async (own) => {
    await using mounted = await mountBreaker(
      { ...options, ...own },
      { upstream: [500, 500, 500, 429, 429, 200] },
    )

    for (let i = 0; i < 6; i++) await mounted.send()

    expect(mounted.upstream.requests).toHaveLength(5)
  })

  it('does not blame the service for what the gateway did wrong', async () => {
    const fault = errors.GW_INTERNAL({ problem: 'a fault' })
    await using mounted = await mountBreaker(options, { upstream: fault })

    for (let i = 0; i < 4; i++) await mounted.send()

    expect(mounted.upstream.requests).toHaveLength(4)
  })

  it('takes slow answers for failures if told to', async () => {
    const own = { ...options, latency_threshold_ms: 100 }
    await using mounted = await mountBreaker(own)
    mounted.upstream.behave(() => {
      vi.advanceTimersByTime(101)
      return 200
    })

    for (let i = 0; i < 4; i++) await mounted.send()

    expect(mounted.upstream.requests).toHaveLength(2)
  })

  it('opens when too large a part of the answers is slow, which is no failure then', async () => {
    const own = {
      per,
      failure_threshold: 1,
      slow_ratio: 0.5,
      latency_threshold_ms: 100,
      min_requests: 4,
    }
    await using mounted = await mountBreaker(own)
    let answers = 0
    mounted.upstream.behave(() => {
      vi.advanceTimersByTime(answers++ < 2 ? 1 : 101)
      return 200
    })

    const statuses: number[] = []
    for (let i = 0; i < 5; i++) statuses.push((await mounted.send()).status)

    expect(statuses).toEqual([200, 200, 200, 200, 503])
  })

  it.each([
    { fallback: { fallback_status: 429 }, status: 429, body: /"code":"GW_CIRCUIT_OPEN"/ },
    { fallback: { fallback_body: 'soon' }, status: 503, body: /^soon$/ },
    { fallback: { fallback_status: 200, fallback_body: '[]' }, status: 200, body: /^\[\]$/ },
    { fallback: { fallback_status: 204 }, status: 204, body: /^$/ },
  ])('answers $fallback in place of its own answer', async ({ fallback, status, body }) => {
    await using mounted = await mountBreaker({ ...options, ...fallback }, { upstream: 500 })
    await mounted.send()
    await mounted.send()

    const response = await mounted.send()

    expect(response.status).toBe(status)
    expect(response.text).toMatch(body)
    expect(response.headers['retry-after']).toBe('10')
    expect(response.error?.code).toBe(status < 400 ? undefined : 'GW_CIRCUIT_OPEN')
  })

  it('says what its fallback is', async () => {
    const own = { ...options, fallback_body: '{}', fallback_content_type: 'application/json' }
    await using mounted = await mountBreaker(own, { upstream: 500 })
    await mounted.send()
    await mounted.send()

    const response = await mounted.send()

    expect(response.headers['content-type']).toBe('application/json')
  })

  it('stays open over a reload of the same options, and forgets with others', async () => {
    await using mounted = await mountBreaker(options, { upstream: 500 })
    await mounted.send()
    await mounted.send()

    await mounted.reload(options)
    expect((await mounted.send()).error?.code).toBe('GW_CIRCUIT_OPEN')
    await mounted.reload({ ...options, failure_threshold: 3 })

    expect((await mounted.send()).status).toBe(500)
  })

  it('lets everything pass in a dry run, and says what it would reject', async () => {
    await using mounted = await mountBreaker(options, {
      upstream: 500,
      dryRun: true,
    })

    for (let i = 0; i < 3; i++) await mounted.send()

    expect(mounted.upstream.requests).toHaveLength(3)
    expect(mounted.logs.find({ code: 'GW_CIRCUIT_OPEN' })).toHaveLength(1)
  })
})
