import { describe, expect, it } from 'vitest'
import { compileRouters, matches, problemsOf, thirdPartyMatcher } from './test-routing.ts'

const yes = thirdPartyMatcher('Yes', () => true)
const no = thirdPartyMatcher('No', () => false)
const truths = [yes, no]

describe('rule language', () => {
  it.each([
    ['Yes()', true],
    ['!Yes()', false],
    ['!!Yes()', true],
    ['Yes() && No()', false],
    ['No() || Yes()', true],
    ['Yes() || No() && No()', true],
    ['(Yes() || No()) && No()', false],
    ['No() && Yes() || Yes()', true],
    ['!No() && Yes()', true],
    ['!(No() && Yes())', true],
    ['!No() || No()', true],
    ['Yes() && Yes() && Yes() && No()', false],
    ['No() || No() || No() || Yes()', true],
    ['((((Yes()))))', true],
    [' \t\r\nYes\n(\t)\n||\nNo ( ) ', true],
    ['Yes()&&!No()||No()', true],
  ])('%s is %s', (rule, expected) => {
    expect(matches(rule, {}, truths)).toBe(expected)
  })

  it.each([
    ['Path(`/a`)', '/a'],
    ['Path("/a")', '/a'],
    ['Path(`/a&&b`)', '/a&&b'],
    ['Path(`/a||b`)', '/a||b'],
    ['Path(`/a(b)`)', '/a(b)'],
    ['Path("/a(`)")', '/a(`)'],
    ['Path(`/a"b`)', '/a"b'],
    ['Path("/a\\"b")', '/a"b'],
    ['Path ( `/a` )', '/a'],
    ['Path(`/b`, `/a`)', '/a'],
    ['Path(`/b`,"/a")', '/a'],
  ])('%s takes %s', (rule, target) => {
    expect(matches(rule, { target })).toBe(true)
  })

  it('reads an escaped backslash in double quotes, and none in backticks', () => {
    expect(matches('Header("X","a\\\\b")', { headers: [['X', 'a\\b']] })).toBe(true)
    expect(matches('Header(`X`,`a\\\\b`)', { headers: [['X', 'a\\\\b']] })).toBe(true)
  })

  it.each([
    ['', 'expected a matcher, "!" or "(", found the end of the rule at column 1'],
    ['   ', 'expected a matcher, "!" or "(", found the end of the rule at column 4'],
    ['Host(`a`) && ', 'expected a matcher, "!" or "(", found the end of the rule at column 14'],
    [
      'Host(example.com)',
      'expected a literal in backticks or double quotes, found "example" at column 6',
    ],
    ['Host(`unterminated', 'unterminated literal: expected a closing ` at column 6'],
    ['Host("unterminated', 'unterminated literal: expected a closing " at column 6'],
    ['Host(`a`extra`)', 'expected "," or ")", found "extra" at column 9'],
    [
      'Host(`a`) trailing words',
      'expected "&&", "||" or the end of the rule, found "trailing" at column 11',
    ],
    ['Headers(`a``b`)', 'expected "," or ")", found the literal "b" at column 12'],
    ['Headers(`a` `b`)', 'expected "," or ")", found the literal "b" at column 13'],
    [')(', 'expected a matcher, "!" or "(", found ")" at column 1'],
    ['Host', 'expected "(" after "Host", found the end of the rule at column 5'],
    ['Host`a`', 'expected "(" after "Host", found the literal "a" at column 5'],
    ['Host(`a`', 'expected "," or ")", found the end of the rule at column 9'],
    ['Host(`a`,)', 'expected a literal in backticks or double quotes, found ")" at column 10'],
    ['Host(,`a`)', 'expected a literal in backticks or double quotes, found "," at column 6'],
    [
      "Host('a')",
      "unexpected character '; literals stand in backticks or double quotes at column 6",
    ],
    ['(Host(`a`)', 'expected "&&", "||" or ")", found the end of the rule at column 11'],
    ['Host(`a`))', 'expected "&&", "||" or the end of the rule, found ")" at column 10'],
    ['Host(`a`) & Host(`b`)', 'expected "&&", found a single "&" at column 11'],
    ['Host(`a`) | Host(`b`)', 'expected "||", found a single "|" at column 11'],
    ['Host(`a`) && && Host(`b`)', 'expected a matcher, "!" or "(", found "&&" at column 14'],
    [
      'Host(`a`) Host(`b`)',
      'expected "&&", "||" or the end of the rule, found "Host" at column 11',
    ],
    ['Host(`a`) !Host(`b`)', 'expected "&&", "||" or the end of the rule, found "!" at column 11'],
    ['!', 'expected a matcher, "!" or "(", found the end of the rule at column 2'],
    ['`a`', 'expected a matcher, "!" or "(", found the literal "a" at column 1'],
    ['Host(`a`) && 😀', 'unexpected character 😀 at column 14'],
    [
      'Path("/a\\d")',
      'unknown escape "\\d"; expected \\" or \\\\ or a literal in backticks at column 9',
    ],
  ])('refuses %s', (rule, problem) => {
    expect(problemsOf(rule)).toEqual([`GW_RULE_SYNTAX: ${problem}`])
  })

  it.each([
    ['Unknown(`x`)', 'unknown matcher "Unknown" at column 1; known: '],
    ['host(`x`)', 'unknown matcher "host" at column 1; did you mean "Host"?'],
    [
      'Host(`a`) && PathPrefx(`/`)',
      'unknown matcher "PathPrefx" at column 14; did you mean "PathPrefix"?',
    ],
    ['!pathprefix(`/`)', 'unknown matcher "pathprefix" at column 2; did you mean "PathPrefix"?'],
  ])('does not know %s', (rule, problem) => {
    expect(problemsOf(rule)[0]).toContain(`GW_RULE_UNKNOWN_MATCHER: ${problem}`)
  })

  it.each([
    ['Host()', 'matcher "Host" expects at least 1 argument, found 0 at column 1'],
    ['Headers(`k`)', 'matcher "Headers" expects 2 arguments, found 1 at column 1'],
    ['!Header(`k`,`v`,`w`)', 'matcher "Header" expects 2 arguments, found 3 at column 2'],
    ['PathRegexp(`a`,`b`)', 'matcher "PathRegexp" expects 1 argument, found 2 at column 1'],
    ['Query()', 'matcher "Query" expects 1 to 2 arguments, found 0 at column 1'],
  ])('counts the arguments of %s', (rule, problem) => {
    expect(problemsOf(rule)).toEqual([`GW_RULE_ARITY: ${problem}`])
  })

  it('takes 64 levels and 4096 characters, and no more', () => {
    expect(problemsOf(`${'('.repeat(64)}Host(\`a\`)${')'.repeat(64)}`)).toEqual([])
    expect(problemsOf(`${'!'.repeat(64)}Host(\`a\`)`)).toEqual([])
    expect(problemsOf(`${'('.repeat(32)}${'!'.repeat(33)}Host(\`a\`)`)).toEqual([
      'GW_RULE_SYNTAX: rule is nested deeper than 64 levels at column 65',
    ])
    const longest = `Host(\`a\`)${' '.repeat(4087)}`
    expect(problemsOf(longest)).toEqual([])
    expect(problemsOf(`${longest} `)).toEqual([
      'GW_RULE_SYNTAX: rule of 4097 characters passes the limit of 4096 at column 4097',
    ])
  })

  it('reports every problem of every rule where the rule stands', () => {
    const { problems } = compileRouters({
      good: 'Host(`a`)',
      several: 'host(`a`) && Path(`b`) && Headers(`c`)',
      broken: 'Host(',
    })

    expect(problems.map(({ path, code }) => [path, code])).toEqual([
      [['routers', 'several', 'rule'], 'GW_RULE_UNKNOWN_MATCHER'],
      [['routers', 'several', 'rule'], 'GW_RULE_LITERAL'],
      [['routers', 'several', 'rule'], 'GW_RULE_ARITY'],
      [['routers', 'broken', 'rule'], 'GW_RULE_SYNTAX'],
    ])
    expect(problems[0]?.suggestion).toBe('Host')
  })
})
