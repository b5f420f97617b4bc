import { describe, expect, it } from 'vitest'
import { FollowedPool } from '../src/followed-pool.ts'
import type { EndpointPool } from '../src/service.ts'
import { plainConfig, startMemory } from './support/memory-gateway.ts'

describe('a pool that is followed over reloads', () => {
  it('is the last one that was named, and no other is listened to', async () => {
    await using memory = await startMemory()
    const pool = (): EndpointPool =>
      memory.gateway.snapshot.services.get('app')?.pool ?? expect.fail()
    const followed = new FollowedPool()
    const told: string[] = []
    const first = pool()
    followed.follow(first, () => told.push('first'))
    await memory.gateway.reload(plainConfig(), { force: true })
    const second = pool()
    followed.follow(second, () => told.push('second'))

    const [endpoint] = second.all
    if (endpoint === undefined) expect.fail()
    second.setHealthy(endpoint, 'test', false)

    expect([followed.current, told]).toEqual([second, ['second']])
    expect(followed.leave(first)).toBe(false)
    expect(followed.leave(second)).toBe(true)
    second.setHealthy(endpoint, 'test', true)
    expect([followed.current, told]).toEqual([undefined, ['second']])
  })
})
