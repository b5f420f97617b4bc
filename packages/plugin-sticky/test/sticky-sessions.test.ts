import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StickySessions } from '../src/sticky-sessions.ts'
import { mount } from './browser.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('the sessions of a service', () => {
  it('are swept four times within the time of one, so that idle ones take no room', async () => {
    await using followed = await follow()
    const { table } = followed.sessions
    table.bind('one', 'memory://a 0', performance.now())
    vi.advanceTimersByTime(1000)
    table.bind('two', 'memory://a 0', performance.now())

    vi.advanceTimersByTime(7000)
    expect(table.count).toBe(1)
    vi.advanceTimersByTime(2000)

    expect(table.count).toBe(0)
  })

  it('are not swept any more once another configuration does that', async () => {
    await using followed = await follow()
    const { table } = followed.sessions
    table.bind('one', 'memory://a 0', performance.now())
    followed.stop()

    vi.advanceTimersByTime(100_000)

    expect(table.count).toBe(1)
  })

  it.each([
    { dropsUnhealthy: true, left: 0 },
    { dropsUnhealthy: false, left: 1 },
  ])(
    'at an unhealthy server: $left are left if dropping them is $dropsUnhealthy',
    async ({ dropsUnhealthy, left }) => {
      await using followed = await follow({ dropsUnhealthy })
      const { sessions, pool } = followed
      sessions.table.bind('one', 'memory://a 0', performance.now())
      for (const endpoint of pool.all.slice(0, 1)) pool.setHealthy(endpoint, 'test', false)

      expect(sessions.table.count).toBe(left)
    },
  )

  it('end when their server goes with a reload', async () => {
    await using before = await follow()
    const { sessions } = before
    for (const server of ['a', 'b']) sessions.table.bind(server, `memory://${server} 0`, 0)

    await using after = await follow({ sessions, servers: ['b', 'c'] })

    expect(after.sessions.table.get('a', 0)).toBeUndefined()
    expect(after.sessions.table.get('b', 0)?.backend).toBe('memory://b 0')
  })
})

async function follow({
  dropsUnhealthy = false,
  servers = ['a', 'b'],
  sessions = new StickySessions(8000, 10),
} = {}) {
  const { service, close } = await mount({}, { servers })
  const { pool } = service()
  const following = sessions.follow(pool, dropsUnhealthy)
  const stop = (): void => following[Symbol.dispose]()
  const dispose = async (): Promise<void> => {
    stop()
    await close()
  }
  return { sessions, pool, stop, [Symbol.asyncDispose]: dispose }
}
