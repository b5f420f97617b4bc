import { describe, expect, it } from 'vitest'
import { compileRouters, matches, problemsOf, streamOf, thirdPartyMatcher } from './test-routing.ts'

describe('matchers of other plugins', () => {
  it('stand beside those of this one', () => {
    const night = thirdPartyMatcher(
      'Zone',
      ({ connection }, zone) => connection.entrypoint === zone,
    )
    const rule = 'Host(`example.com`) && !Zone(`dmz`)'

    expect(matches(rule, {}, [night])).toBe(true)
    expect(matches('Zone(`dmz`)', {}, [night])).toBe(false)
  })

  it('may refuse their arguments', () => {
    const picky = thirdPartyMatcher('Picky', () => true, {
      compile() {
        throw new Error('no such zone')
      },
    })

    expect(problemsOf('Host(`a`) && Picky(`x`)', [picky])).toEqual([
      'GW_RULE_LITERAL: matcher "Picky": no such zone at column 14',
    ])
  })

  it('are refused in routers of the other kind', () => {
    const sni = thirdPartyMatcher('Vlan', () => true, { kind: 'stream' })

    expect(problemsOf('!Vlan(`*`)', [sni])).toEqual([
      'GW_RULE_KIND: matcher "Vlan" is for stream routers; this router is one for http, at column 2',
    ])
    const { problems } = compileRouters({ tcp: { rule: 'Path(`/a`)', kind: 'stream' } })
    expect(problems[0]?.message).toBe(
      'matcher "Path" is for http routers; this router is one for stream, at column 1',
    )
  })

  it('route streams, apart from requests on the same entrypoint', () => {
    const sni = thirdPartyMatcher('Vlan', () => true, { kind: 'stream' })
    const routers = {
      tcp: { rule: 'Vlan(`*`)', kind: 'stream' as const },
      http: 'PathPrefix(`/`)',
    }

    const { findRoute, route } = compileRouters(routers, {}, [sni])

    expect(findRoute(streamOf({}))?.router).toBe('tcp')
    expect(findRoute(streamOf({ entrypoint: 'other' }))).toBeUndefined()
    expect(route({})).toBe('http')
  })

  it('get no suggestion that does not fit the kind of the router', () => {
    const sni = thirdPartyMatcher('Vlan', () => true, { kind: 'stream' })
    const { problems } = compileRouters({ web: 'Vlam(`a`)' }, {}, [sni])

    expect(problems[0]?.suggestion).not.toBe('Vlan')
  })
})
