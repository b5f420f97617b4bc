import { createMeters } from '@gatewright/plugin-rate-limit'
import { createClient } from '@redis/client'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Algorithm, verdictOf } from '../../src/redis-link.ts'
import { scripts } from '../../src/scripts.ts'
import { startRedis } from './redis-server.ts'

describe('the scripts', () => {
  it.each(['token-bucket', 'sliding-window'] as const)(
    'decide in Redis as the meters do in memory: %s',
    async (algorithm) => {
      await using redis = await startRedis()
      const client = createClient({ url: redis.url, socket: { reconnectStrategy: false } })
      // Without a listener, Redis ending before the client would end the process.
      client.on('error', () => undefined)
      await client.connect()
      let cases = 0

      await fc.assert(
        fc.asyncProperty(limits, steps, async ({ rate, burst, period }, requests) => {
          const key = `case-${++cases}`
          const rule = { algorithm, rate, burst, period, max_keys: 1 }
          const meters = createMeters(rule, 1)
          const limit = algorithm === 'token-bucket' ? burst : rate
          let now = 0
          for (const { pauseMs, cost } of [first, ...requests]) {
            now += pauseMs
            const args = [limit, rate, period * 1000, cost, now * 1000].map(String)
            const reply = await client.eval(toldTheTime(algorithm), {
              keys: [key],
              arguments: args,
            })
            const { resetMs = 0, retryMs, ...decided } = meters.take('key', now, cost)
            // The script returns four numbers.
            const verdict = verdictOf(reply as [number, number, number, number], limit)
            expect(verdict).toMatchObject(decided)
            expect(Math.abs((verdict.resetMs ?? 0) - resetMs)).toBeLessThan(0.01)
            expect(Math.abs(verdict.retryMs - retryMs)).toBeLessThan(0.01)
          }
        }),
        { numRuns: 50 },
      )

      client.destroy()
    },
  )
})

/** The script with the time of the test, and without an end of its state. */
function toldTheTime(algorithm: Algorithm): string {
  return scripts[algorithm]
    .replace("redis.call('TIME')", '{ 0, ARGV[5] }')
    .replace(/^redis\.call\('PEXPIRE'.*$/m, '')
}

/** At the beginning of a window in Redis, and so of one in memory. */
const first = { pauseMs: 0, cost: 1 }
const limits = fc.record({
  rate: fc.integer({ min: 1, max: 50 }),
  burst: fc.integer({ min: 1, max: 50 }),
  period: fc.constantFrom(1000, 60_000),
})
const steps = fc.array(
  fc.record({
    pauseMs: fc.integer({ min: 0, max: 3000 }),
    cost: fc.integer({ min: 1, max: 10 }),
  }),
  { maxLength: 30 },
)
