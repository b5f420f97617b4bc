import { expect, it } from 'vitest'
import type { ConfigProblem } from '../src/config.ts'
import type { JsonSchema } from '../src/schema.ts'
import { validate } from '../src/validation.ts'

const text: JsonSchema = { type: 'string' }

it.each<[JsonSchema, unknown, string]>([
  [{ type: 'string', minLength: 1 }, '', 'expected at least one character, found ""'],
  [{ type: 'string', minLength: 3 }, 'ab', 'expected at least 3 characters, found "ab"'],
  [{ type: 'string', maxLength: 3 }, 'four', 'expected at most 3 characters, found "four"'],
  [{ type: 'array', items: text, minItems: 1 }, [], 'at least one entry, found an empty list'],
  [{ type: 'array', items: text, maxItems: 1 }, ['a', 'b'], 'at most one entry, found a list'],
  [
    { type: 'array', items: text, uniqueItems: true },
    ['b', 'a', 'b'],
    'entries 1 and 3 are the same',
  ],
  [{ type: 'integer', minimum: 1 }, 0, 'must be >= 1, found 0'],
])('a value out of range is refused in plain words: %j', (property, value, message) => {
  expect(problemsOf(property, value)).toMatchObject([
    { path: ['x'], code: 'GW_CONFIG_RANGE', message: expect.stringContaining(message) },
  ])
})

it('entries that are the same are shown by their places only, since they may be secret', () => {
  const list: JsonSchema = { type: 'array', items: text, uniqueItems: true }

  const problems = problemsOf({ ...list, 'x-gatewright-secret': true }, ['hunter2', 'hunter2'])

  expect(problems).toMatchObject([{ message: 'entries 1 and 2 are the same' }])
})

it('a misspelt key is told of once, also if it is required', () => {
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: ['table', 'rate'],
    properties: { table: text, rate: text },
  }
  const problems: ConfigProblem[] = []

  validate(schema, { tabel: 'x' }, ['tenants'], (problem) => problems.push(problem))

  expect(problems).toHaveLength(2)
  expect(problems).toMatchObject([
    { path: ['tenants'], message: '"rate" is required' },
    { path: ['tenants', 'tabel'], suggestion: 'table' },
  ])
})

it.each([
  { written: 'brotli', meant: 'br' },
  { written: 'gz', meant: 'gzip' },
  { written: 'gzpi', meant: 'gzip' },
  { written: 'g', meant: undefined },
  { written: 'lzma', meant: undefined },
])('an unknown value in a list comes with the one that was meant: $written', (expected) => {
  const items: JsonSchema = { type: 'string', enum: ['br', 'gzip', 'deflate', 'zstd'] }

  const problems = problemsOf({ type: 'array', items }, ['br', expected.written])

  expect(problems).toMatchObject([{ path: ['x', 1], code: 'GW_CONFIG_VALUE' }])
  expect(problems[0]?.suggestion).toBe(expected.meant)
})

function problemsOf(property: JsonSchema, value: unknown): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const schema = { type: 'object', additionalProperties: false, properties: { x: property } }
  validate(schema, { x: value }, [], (problem) => problems.push(problem))
  return problems
}
