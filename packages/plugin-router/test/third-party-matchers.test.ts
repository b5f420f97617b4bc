import { defineErrors, type MatcherFactory } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import type { Test } from '../src/rule/condition.ts'
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

  it('may say which argument is wrong, with a code of their own', () => {
    const errors = defineErrors({
      GW_ZONE_UNKNOWN: {
        status: 500,
        source: 'config',
        message: (p: { zone: string }) => `no zone "${p.zone}"`,
        hint: 'zones are in zones.hcl',
      },
    })
    const picky = thirdPartyMatcher('Picky', () => true, {
      arity: [2, 2],
      compile: ([, zone = '']) => {
        throw errors.GW_ZONE_UNKNOWN({ zone }, { option: [1] })
      },
    })

    expect(problemsOf('Picky(`a`, `b`)', [picky])).toEqual([
      'GW_ZONE_UNKNOWN: matcher "Picky": no zone "b" at column 12',
    ])
    const { problems } = compileRouters({ web: 'Picky(`a`, `b`)' }, {}, [picky])
    expect(problems).toMatchObject([{ hint: 'zones are in zones.hcl' }])
  })

  it.each([
    ['nothing', undefined, '"compile" returned undefined; expected a function'],
    [
      'an async function',
      async () => false,
      '"compile" returned an async function; the answer must be there at once',
    ],
  ])('are refused if they compile to %s', (_, test, problem) => {
    // As plain JavaScript allows.
    const compile = (() => test) as unknown as MatcherFactory['compile']
    const wrong = thirdPartyMatcher('Wrong', () => true, { compile })

    expect(problemsOf('Wrong(`x`)', [wrong])).toEqual([
      `GW_RULE_LITERAL: matcher "Wrong": ${problem} at column 1`,
    ])
  })

  it('are refused if nobody can tell how many arguments they take', () => {
    const arity = 0 as unknown as MatcherFactory['arity']
    const wrong = thirdPartyMatcher('Wrong', () => true, { arity })

    expect(problemsOf('Wrong(`x`)', [wrong])).toEqual([
      'GW_RULE_ARITY: the plugin of matcher "Wrong" has to give it "arity" of [min, max], found 0',
    ])
  })

  it.each([
    ['a promise', () => Promise.resolve(false), 'returned a promise from a rule'],
    ['nothing', () => undefined, 'returned undefined from a rule'],
    [
      'an error',
      () => {
        throw new Error('no map')
      },
      'failed in a rule: no map',
    ],
  ])('take no request that they answer with %s', (_, answer, problem) => {
    const test = answer as unknown as Test
    const wrong = thirdPartyMatcher('Wrong', test)

    expect(() => matches('Wrong(`x`)', {}, [wrong])).toThrow(`matcher "Wrong" ${problem}`)
    expect(() => matches('!Wrong(`x`)', {}, [wrong])).toThrow(`matcher "Wrong" ${problem}`)
  })
})
