import { describe, expect, it } from 'vitest'
import { compileRouters, problemsOf } from './test-routing.ts'

describe('arguments of matchers', () => {
  it.each([
    ['Host(``)', 'matcher "Host": expected a host, found an empty literal at column 6'],
    ['Host(`a`, `bücher.de`)', 'host "bücher.de" is not ASCII; write it in punycode at column 11'],
    ['Host(`a.*.com`)', 'host "a.*.com" has a "*" that is not its first label; use HostRegexp'],
    ['Host(`*a.com`)', 'has a "*" that is not its first label'],
    ['Host(`https://a.com`)', 'expected a host, found the URL or path "https://a.com"'],
    ['Host(`::1`)', 'IPv6 address "::1" must stand in brackets'],
    ['Host(`a b`)', '"a b" is not a host'],
    ['Host(`a..b`)', '"a..b" is not a host'],
    ['Host(`a.com:0`)', 'has a port that is not from 1 to 65535'],
    ['Host(`a.com:65536`)', 'has a port that is not from 1 to 65535'],
    ['Host(`a.com:`)', '"a.com:" is not a host'],
    ['Path(`health`)', 'matcher "Path": path "health" must begin with "/" at column 6'],
    ['PathPrefix(`/a`,``)', 'path "" must begin with "/" at column 17'],
    ['Path(`/a?b`)', 'path "/a?b" can never match: query and fragment are not part of a path'],
    ['Path(`/%zz`)', 'path "/%zz" can never match: the path has a malformed percent-escape'],
    ['Path(`/%00`)', 'path "/%00" can never match: the path has an encoded control character'],
    ['Method(`GE T`)', 'matcher "Method": "GE T" is not a method at column 8'],
    ['Header(`a b`,`c`)', 'matcher "Header": "a b" is not a header name at column 8'],
    ['Query(``)', 'expected a parameter name, found an empty literal'],
    [
      'ClientIP(`10.0.0.0/33`)',
      'expected an IP address or a range such as 10.0.0.0/8, found "10.0.0.0/33"',
    ],
    ['ClientIP(`10.0.0.256`)', 'found "10.0.0.256"'],
    ['ClientIP(`::1/129`)', 'found "::1/129"'],
    ['ClientIP(`localhost`)', 'found "localhost"'],
  ])('refuses %s', (rule, problem) => {
    const [found] = problemsOf(rule)

    expect(found).toContain('GW_RULE_LITERAL: ')
    expect(found).toContain(problem)
  })

  it.each([
    ['PathRegexp(`(?=a)`)', 'pattern "(?=a)" is refused: look-around is not supported', 12],
    ['PathRegexp(`(a)\\1`)', 'back-references are not supported', 12],
    ['PathRegexp(`(a+)+`)', 'nested quantifiers', 12],
    ['HostRegexp(`[`)', 'class without its end', 12],
    ['HeaderRegexp(`X`, `*`)', 'nothing to repeat at character 1 of the pattern', 19],
    ['QueryRegexp(`x`,`(`)', 'group without its end', 17],
  ])('refuses the pattern in %s', (rule, problem, column) => {
    const [found] = problemsOf(rule)

    expect(found).toContain('GW_RULE_PATTERN: ')
    expect(found).toContain(problem)
    expect(found).toMatch(new RegExp(`at column ${column}$`))
  })

  it('answers 400 to a value of more than 8 KiB that a pattern looks at', () => {
    const { route } = compileRouters({ only: '!HeaderRegexp(`Cookie`,`evil`)' })
    const headers = [['Cookie', 'x'.repeat(8193)]] as const

    expect(() => route({ headers })).toThrow(
      expect.objectContaining({ status: 400, code: 'GW_ROUTER_INPUT_TOO_LONG' }),
    )
  })
})
