import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileRouters } from './test-routing.ts'

describe('priority_order = "descending"', () => {
  it('asks the longer rule first, whatever the order of the configuration', () => {
    const catchAll = ['all', 'PathPrefix(`/`)'] as const
    const specific = ['specific', 'Host(`a`) && PathPrefix(`/x`)'] as const
    const request = { host: 'a', target: '/x' }

    for (let run = 0; run < 1000; run++) {
      const order = run % 2 === 0 ? [catchAll, specific] : [specific, catchAll]
      expect(compileRouters(Object.fromEntries(order)).route(request)).toBe('specific')
    }
  })

  it('asks the higher priority first', () => {
    const { route } = compileRouters({
      low: { rule: 'PathPrefix(`/a-long-rule`)', priority: 5 },
      high: { rule: 'PathPrefix(`/a`)', priority: 6 },
    })

    expect(route({ target: '/a-long-rule' })).toBe('high')
  })

  it('takes 0 for the length of the rule, with which a small priority cannot compete', () => {
    const { route } = compileRouters({
      ten: { rule: 'PathPrefix(`/a`)', priority: 10 },
      zero: { rule: 'PathPrefix(`/`)', priority: 0 },
    })

    expect(route({ target: '/a' })).toBe('zero')
  })

  it('asks a negative priority last', () => {
    const { route } = compileRouters({
      fallback: { rule: 'PathPrefix(`/long-enough-to-win`)', priority: -1 },
      short: 'Path(`/long-enough-to-win`)',
    })

    expect(route({ target: '/long-enough-to-win' })).toBe('short')
    expect(route({ target: '/long-enough-to-win/x' })).toBe('fallback')
  })

  it('asks the longer one of two rules with the same priority first', () => {
    const { route } = compileRouters({
      a: { rule: 'PathPrefix(`/`)', priority: 100 },
      b: { rule: 'PathPrefix(`/x`)', priority: 100 },
    })

    expect(route({ target: '/x' })).toBe('b')
  })

  it('goes by name if nothing else tells two routers apart', () => {
    const names = ['b', 'B', 'a', 'ä', '10', '9']
    const routers = Object.fromEntries(names.map((name) => [name, 'PathPrefix(`/`)']))

    expect(compileRouters(routers).route({})).toBe('10')
  })
})

describe('priority_order = "ascending"', () => {
  const options = { priority_order: 'ascending' } as const

  it('asks the lower number first', () => {
    const routers = {
      api: { rule: 'PathPrefix(`/`)', priority: 0 },
      health: { rule: 'Path(`/health`)', priority: -1 },
    }

    expect(compileRouters(routers, options).route({ target: '/health' })).toBe('health')
    expect(compileRouters(routers, options).route({ target: '/api' })).toBe('api')
  })

  it('takes 0 for 0, and goes by name among equals', () => {
    const routers = {
      b: 'PathPrefix(`/a-much-longer-rule`)',
      a: 'PathPrefix(`/`)',
      c: { rule: 'PathPrefix(`/`)', priority: 1 },
    }

    expect(compileRouters(routers, options).route({ target: '/a-much-longer-rule' })).toBe('a')
  })
})

describe('priorities', () => {
  it('do not depend on the order of the configuration', () => {
    const router = fc.record({
      rule: fc.constantFrom('PathPrefix(`/`)', 'Method(`GET`)', 'Host(`example.com`)'),
      priority: fc.integer({ min: -2, max: 20 }),
    })
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const routers = fc.uniqueArray(fc.tuple(names, router), { selector: ([name]) => name })
    const order = fc.constantFrom<'ascending' | 'descending'>('ascending', 'descending')

    fc.assert(
      fc.property(routers, fc.infiniteStream(fc.nat()), order, (list, keys, direction) => {
        const options = { priority_order: direction }
        const shuffled = list
          .map((entry) => ({ entry, key: keys.next().value }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ entry }) => entry)

        expect(compileRouters(Object.fromEntries(shuffled), options).route({})).toBe(
          compileRouters(Object.fromEntries(list), options).route({}),
        )
      }),
    )
  })
})
