import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Automaton } from '../src/pattern/automaton.ts'
import { parsePattern } from '../src/pattern/parser.ts'
import { Pattern } from '../src/pattern/pattern.ts'
import { compileProgram } from '../src/pattern/program.ts'

/** Letters without any order, the same in every run. */
const shuffled = [...createHash('shake256', { outputLength: 8192 }).digest()]
  .map((byte) => (byte < 128 ? 'a' : 'b'))
  .join('')

describe('Pattern', () => {
  it.each([
    ['^/api', '/api/users', true],
    ['^/api', '/v1/api', false],
    ['/users/[0-9]+$', '/api/users/42', true],
    ['/users/[0-9]+$', '/api/users/42/x', false],
    ['(^|/)admin(/|$)', '/x/admin', true],
    ['(^|/)admin(/|$)', '/x/administrator', false],
    ['^/(?:a|b)/\\d{2,3}$', '/b/123', true],
    ['^/(?:a|b)/\\d{2,3}$', '/b/1234', false],
    ['(?i)^/API$', '/api', true],
    ['(?i)[^a]', 'A', false],
    ['\\bfoo\\b', '/foo-bar', true],
    ['\\bfoo\\b', '/foobar', false],
    ['\\Bbar', '/foobar', true],
    ['\\Aa\\z', 'a', true],
    ['a{2}', 'aa', true],
    ['a{,2}', 'a{,2}', true],
    ['{', '{', true],
    ['[]a]', ']', true],
    ['[a-]', '-', true],
    ['[\\]\\d]', '7', true],
    ['\\x41\\x{42}\\.', 'AB.', true],
    ['(?P<name>a)(?<other>b)', 'ab', true],
    ['', '', true],
    ['a*?b', 'aab', true],
    ['$^', '', true],
    ['x^', 'x', false],
  ])('%s on %s: %s', (source, text, expected) => {
    expect(new Pattern(source).test(text)).toBe(expected)
  })

  it.each([
    ['(?=a)', 'look-around is not supported at character 1 of the pattern'],
    ['a(?!b)', 'look-around is not supported at character 2 of the pattern'],
    ['(?<=a)b', 'look-around is not supported at character 1 of the pattern'],
    ['(?<!a)b', 'look-around is not supported at character 1 of the pattern'],
    ['(a)\\1', 'back-references are not supported at character 4 of the pattern'],
    ['(a+)+', 'nested quantifiers'],
    ['((a*)b)*', 'nested quantifiers'],
    ['(a{2,})+', 'nested quantifiers'],
    ['a**', 'nested quantifiers at character 3 of the pattern'],
    ['a++', 'nested quantifiers at character 3 of the pattern'],
    ['a+?*', 'nested quantifiers'],
    ['*a', 'nothing to repeat at character 1 of the pattern'],
    ['^*', 'nothing to repeat'],
    ['(a', 'group without its end at character 1 of the pattern'],
    ['a)', 'unexpected ")" at character 2 of the pattern'],
    ['[a', 'class without its end'],
    ['[b-a]', 'a range whose end is below its start'],
    ['[[:alpha:]]', 'named classes are not supported'],
    ['[é]', 'a class can hold ASCII only, found "é"'],
    ['\\pL', 'unknown escape "\\p"'],
    ['a\\', 'backslash at the end'],
    ['a(?i)b', 'the flag (?i) may stand at the very start only'],
    ['a{2,1}', 'a repeat whose end is below its start'],
    ['a{1001}', 'a repeat of more than 1000'],
    ['(a{100}){100}', 'more than 1000 steps'],
    ['\\x{110000}', 'a code point beyond 10FFFF'],
    ['('.repeat(65), 'groups deeper than 64'],
  ])('refuses %s', (source, problem) => {
    expect(() => new Pattern(source)).toThrow(problem)
  })

  it('matches a character beyond ASCII as its bytes in UTF-8', () => {
    const text = Buffer.from('/café', 'utf8').toString('latin1')

    expect(new Pattern('^/café$').test(text)).toBe(true)
    expect(new Pattern('^/caf..$').test(text)).toBe(true)
  })

  it('looks at a part of a text as if it stood alone', () => {
    expect(new Pattern('^b$').test('abc', 1, 2)).toBe(true)
    expect(new Pattern('^c?$').test('abc', 3, 3)).toBe(true)
  })

  it('refuses a text of more than 8 KiB', () => {
    const pattern = new Pattern('a')

    expect(pattern.test('b'.repeat(8192))).toBe(false)
    expect(() => pattern.test('b'.repeat(8193))).toThrow(
      expect.objectContaining({ code: 'GW_ROUTER_INPUT_TOO_LONG', status: 400 }),
    )
  })

  it.each([
    ['.*foo.*foo.*bar', 'foo'.repeat(2730)],
    ['(a|a)*b', 'a'.repeat(8192)],
    ['(a|ab|b)*c', 'ab'.repeat(4096)],
    ['(a?){50}a{50}b', 'a'.repeat(8192)],
    ['[ab]*a[ab]{12}c', shuffled],
  ])('takes a hostile text for %s in its stride', (source, text) => {
    // A backtracking engine would not come back from this one.
    expect(new Pattern(source).test(text)).toBe(false)
  })

  it('remembers 500 states at most, and goes on after it has forgotten some', () => {
    const automaton = new Automaton(compileProgram(parsePattern('a[ab]{12}c')), false)

    expect(automaton.test(shuffled, 0, shuffled.length)).toBe(false)
    expect(automaton.test(`${shuffled}abbbaabbabaabc`, 0, shuffled.length + 14)).toBe(true)
    expect(automaton.size).toBeLessThanOrEqual(500)
  })

  it('finds what V8 finds', () => {
    fc.assert(
      fc.property(
        patterns,
        fc.boolean(),
        fc.array(texts, { maxLength: 20 }),
        (source, foldsCase, inputs) => {
          const pattern = new Pattern(foldsCase ? `(?i)${source}` : source)
          const reference = new RegExp(source, foldsCase ? 'i' : '')

          for (const input of inputs) expect(pattern.test(input)).toBe(reference.test(input))
        },
      ),
      { numRuns: 500 },
    )
  })
})

const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '/', '-', '1'), maxLength: 12 })

const assertion = fc.constantFrom('\\b', '\\B', '^', '$')
const byte = fc
  .tuple(
    fc.constantFrom('a', 'b', '/', '.', '[ab]', '[^a]', '[^B-a]', '\\d', '\\W'),
    fc.constantFrom('', '', '', '?', '{2}', '{0,2}', '{1,}?'),
  )
  .map((parts) => parts.join(''))
const sequence = fc
  .array(fc.oneof({ arbitrary: byte, weight: 4 }, assertion), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))

/** Nothing in it repeats without end, which is refused in what does. */
const bounded = sequence.map((text) => text.replaceAll('{1,}?', '{1,3}'))
const group = fc
  .tuple(bounded, bounded, fc.constantFrom('', '?', '*', '+', '{1,3}', '*?'))
  .map(([left, right, count]) => `(?:${left}|${right})${count}`)
const patterns = fc
  .array(fc.oneof(sequence, group), { maxLength: 4 })
  .map((parts) => parts.join(''))
