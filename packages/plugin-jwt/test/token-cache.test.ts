import { describe, expect, it } from 'vitest'
import { TokenCache } from '../src/token-cache.ts'

const claims = { sub: 'user-123' }

describe('the tokens that were verified', () => {
  it('are known until they end', () => {
    const cache = new TokenCache(10)
    cache.add('a', { claims, endsAt: 100 }, 0)

    expect(cache.get('a', 99, 0)?.claims).toBe(claims)
    expect(cache.get('a', 100, 0)).toBeUndefined()
    expect(cache.size).toBe(0)
  })

  it('are no more than so many; the one that was not used for longest goes first', () => {
    const cache = new TokenCache(2)
    cache.add('a', { claims, endsAt: 100 }, 0)
    cache.add('b', { claims, endsAt: 100 }, 0)
    cache.get('a', 1, 0)
    cache.add('c', { claims, endsAt: 100 }, 0)

    expect(cache.size).toBe(2)
    expect(cache.get('b', 1, 0)).toBeUndefined()
    expect(cache.get('a', 1, 0)).toBeDefined()
  })

  it('are forgotten when the keys change', () => {
    const cache = new TokenCache(10)
    cache.add('a', { claims, endsAt: 100 }, 0)

    expect(cache.get('a', 1, 1)).toBeUndefined()
    expect(cache.get('a', 1, 1)).toBeUndefined()
  })

  it('are not kept if the keys changed while they were verified', () => {
    const cache = new TokenCache(10)
    cache.get('x', 1, 1)

    cache.add('a', { claims, endsAt: 100 }, 0)

    expect(cache.get('a', 1, 1)).toBeUndefined()
  })
})
