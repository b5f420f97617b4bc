import { errors } from '@gatewright/kernel'
import type { MountedMiddleware } from '@gatewright/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { circuitsOf } from '../src/index.ts'
import { mountBreaker, startClocks, stopClocks } from './mounted.ts'

const requests = 10_000
const endpoint = 'http://127.0.0.1:9001'
const timeout = errors.GW_UPSTREAM_RESPONSE_TIMEOUT({ endpoint, timeoutMs: 1000 })

describe.each(['service', 'endpoint'])('the places of trials per %s', (per) => {
  beforeEach(stopClocks)
  afterEach(startClocks)

  it(`are all free after ${requests} requests that end in every way`, async () => {
    await using mounted = await mountBreaker({
      per,
      failure_threshold: 1,
      cooldown_secs: 10,
      half_open_max_requests: 3,
      // Stays half-open, whatever succeeds.
      success_threshold: 1_000_000,
    })
    const random = numbersFrom(4711)
    for (let sent = 0; sent < requests; sent += 8) {
      vi.advanceTimersByTime(random(2) === 0 ? 10_000 : 1)
      await Promise.all(Array.from({ length: 8 }, () => sendAndLeave(mounted, random)))
    }
    mounted.upstream.behave(500)
    await mounted.send()
    vi.advanceTimersByTime(10_000)
    const before = mounted.upstream.requests.length

    expect(circuitsOf(mounted.gateway)).toMatchObject([{ trials: 0 }])
    const { promise, resolve } = Promise.withResolvers<number>()
    mounted.upstream.behave(() => promise)
    const sent = Array.from({ length: 5 }, () => mounted.send())
    await vi.waitFor(() => expect(mounted.upstream.requests.length - before).toBe(3))
    expect(circuitsOf(mounted.gateway)).toMatchObject([{ state: 'half-open', trials: 3 }])
    resolve(200)
    const statuses = (await Promise.all(sent)).map(({ status }) => status)

    expect(statuses.filter((status) => status === 200)).toHaveLength(3)
    expect(circuitsOf(mounted.gateway)).toMatchObject([{ trials: 0 }])
  })
})

/** One request with a random end: an answer, a failure, or a client that leaves at some point. */
async function sendAndLeave(
  { send }: MountedMiddleware,
  random: (below: number) => number,
): Promise<void> {
  const client = new AbortController()
  const leaves = (): Promise<never> => {
    client.abort()
    return hangs()
  }
  const leavesLater = (): Promise<never> => {
    setImmediate(() => client.abort())
    return hangs()
  }
  const upstream = [200, 404, timeout, breaks, leaves, leavesLater, leavesLater, hangs][random(8)]
  const response = send({ signal: client.signal, upstream: upstream ?? 200 })
  if (upstream === hangs) {
    if (random(2) === 0) await Promise.resolve()
    client.abort()
  }
  await response
}

function hangs(): Promise<never> {
  return new Promise(() => undefined)
}

function breaks(): never {
  throw new Error('a fault')
}

/** A generator of numbers that a seed decides, after Park and Miller. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}
