import { describe, expect, it } from 'vitest'
import {
  compileEntries,
  compileRouters,
  exchangeOf,
  routerEntry,
  streamOf,
} from './test-routing.ts'

describe('what the routers make of a request', () => {
  it.each([
    ['Host(`a.example`)', 'Host(`a.example`) does not hold'],
    ['PathPrefix(`/`) && Host(`a.example`)', 'Host(`a.example`) does not hold'],
    [
      'Host(`a.example`) || Method(`PUT`, `POST`)',
      'Host(`a.example`) does not hold, and Method(`PUT`, `POST`) does not hold',
    ],
    ['!PathPrefix(`/`)', 'PathPrefix(`/`) holds'],
    ['!(Method(`GET`) && Path(`/x`))', 'Method(`GET`) && Path(`/x`) holds'],
    ['Header("x-a", "with `ticks`")', 'Header(`x-a`, "with `ticks`") does not hold'],
    ['Method(`GET`) && !(Path(`/x`) || Path(`/y`))', 'Path(`/x`) || Path(`/y`) holds'],
  ])('is told with the part of the rule that does not fit: %s', (rule, because) => {
    const { findRoute } = compileRouters({ only: rule })

    expect(findRoute.explain?.(exchangeOf({ target: '/x' }))).toEqual([
      { router: 'only', rule, priority: rule.length, matches: false, because },
    ])
  })

  it('comes in the order in which they are asked, those of other entrypoints included', () => {
    const { findRoute } = compileRouters({
      all: 'PathPrefix(`/`)',
      low: { rule: 'PathPrefix(`/x`)', priority: 1 },
      other: { rule: 'PathPrefix(`/x/y`)', entrypoints: ['internal'] },
    })

    const verdicts = findRoute.explain?.(exchangeOf({ target: '/x/y' }))

    expect(verdicts?.map(({ router, matches, because }) => ({ router, matches, because }))).toEqual(
      [
        {
          router: 'other',
          matches: false,
          because: 'it does not listen at the entrypoint "web"',
        },
        { router: 'all', matches: true },
        { router: 'low', matches: true },
      ],
    )
    expect(verdicts?.map(({ priority }) => priority)).toEqual([18, 15, 1])
  })

  it('is told of routers of the same kind only', () => {
    const { findRoute } = compileEntries([
      routerEntry('http', 'PathPrefix(`/`)'),
      routerEntry('tcp', { rule: 'HostSNI(`*`)', kind: 'stream' }),
    ])

    expect(findRoute.explain?.(streamOf({}))).toMatchObject([{ router: 'tcp', matches: true }])
    expect(findRoute.explain?.(exchangeOf({}))).toMatchObject([{ router: 'http', matches: true }])
  })

  it('goes by the path as it is routed, and refuses what the look-up refuses', () => {
    const { findRoute } = compileRouters({ only: 'Path(`/users`)' })

    expect(findRoute.explain?.(exchangeOf({ target: '/%75sers' }))).toMatchObject([
      { matches: true },
    ])
    expect(() => findRoute.explain?.(exchangeOf({ target: '/../users' }))).toThrow(
      expect.objectContaining({ code: 'GW_ROUTER_UNSAFE_PATH' }),
    )
  })
})
