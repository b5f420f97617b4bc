import { describe, expect, it } from 'vitest'
import type { ConfigProblem } from '../src/config.ts'
import type { JsonSchema, OptionsSchema } from '../src/schema.ts'
import { validate, validateOptions } from '../src/validation.ts'

describe('options that are valid', () => {
  it('get their defaults, nested ones included', () => {
    const { options } = check(
      {
        level: { type: 'integer', default: 5 },
        list: { type: 'array', items: { type: 'string' }, default: ['a'] },
        block: {
          type: 'object',
          additionalProperties: false,
          default: {},
          properties: { on: { type: 'boolean', default: true } },
        },
        optional: { type: 'string' },
      },
      {},
    )

    expect(options).toEqual({ level: 5, list: ['a'], block: { on: true } })
  })

  it('get defaults of their own, that others do not share', () => {
    const schema = { list: { type: 'array', items: { type: 'string' }, default: ['a'] } }
    const first = check(schema, {}).options as { list: string[] }
    first.list.push('b')

    expect(check(schema, {}).options).toEqual({ list: ['a'] })
  })

  it('are not changed', () => {
    const given = Object.freeze({ timeout: '10s' })

    expect(check({ timeout: { duration: true } }, given).options).toEqual({ timeout: 10_000 })
    expect(given).toEqual({ timeout: '10s' })
  })

  it.each<[JsonSchema, unknown, number]>([
    [{ duration: true }, '1m30s', 90_000],
    [{ duration: true }, 5, 5000],
    [{ duration: { allowZero: true } }, 0, 0],
    [{ bytes: true }, '64KiB', 65_536],
    [{ bytes: { allowZero: true } }, 0, 0],
    [{ duration: true, default: '10s' }, undefined, 10_000],
  ])('have their units resolved: %j', (property, written, amount) => {
    const given = written === undefined ? {} : { x: written }

    expect(check({ x: property }, given)).toEqual({ options: { x: amount }, problems: [] })
  })

  it('have the units in lists and maps resolved', () => {
    const { options } = check(
      {
        pauses: { type: 'array', items: { duration: true } },
        limits: { type: 'object', additionalProperties: { bytes: true } },
      },
      { pauses: ['1s', '250ms'], limits: { a: '1k' } },
    )

    expect(options).toEqual({ pauses: [1000, 250], limits: { a: 1024 } })
  })
})

describe('a problem', () => {
  it.each<[string, JsonSchema, unknown, Partial<ConfigProblem>]>([
    [
      'a wrong type',
      { type: 'integer' },
      '10',
      { code: 'GW_CONFIG_TYPE', message: 'expected an integer, found "10"' },
    ],
    [
      'a list for a string',
      { type: 'string' },
      ['a'],
      { code: 'GW_CONFIG_TYPE', message: 'expected a string, found a list' },
    ],
    [
      'one type out of two',
      { type: ['string', 'integer'] },
      true,
      { code: 'GW_CONFIG_TYPE', message: 'expected a string or an integer, found true' },
    ],
    [
      'a number out of range',
      { type: 'integer', minimum: 1 },
      0,
      { code: 'GW_CONFIG_RANGE', message: 'must be >= 1, found 0' },
    ],
    [
      'a value that nobody knows',
      { type: 'string', enum: ['round-robin', 'random'] },
      'round-robbin',
      {
        code: 'GW_CONFIG_VALUE',
        message:
          'expected one of "round-robin", "random", found "round-robbin"; ' +
          'did you mean "round-robin"?',
        suggestion: 'round-robin',
      },
    ],
    [
      'a pattern that does not match',
      { type: 'string', pattern: '^/' },
      'api',
      { code: 'GW_CONFIG_PATTERN', message: '"api" does not match ^/' },
    ],
    [
      'a pattern that says what it wants',
      { type: 'string', pattern: '^/', 'x-gatewright-expected': 'a path' },
      'api',
      { code: 'GW_CONFIG_PATTERN', message: 'expected a path, found "api"' },
    ],
    [
      'a pattern that says what it wants, and a format',
      { type: 'string', format: 'uri', pattern: '^https:', 'x-gatewright-expected': 'a URL' },
      'nowhere',
      { code: 'GW_CONFIG_PATTERN', message: 'expected a URL, found "nowhere"' },
    ],
    [
      'a network that is none',
      { type: 'string', format: 'cidr' },
      '10.0.0.0/33',
      {
        code: 'GW_CONFIG_FORMAT',
        message: 'expected an IP address or a network such as "10.0.0.0/8", found "10.0.0.0/33"',
      },
    ],
    [
      'an expression that is none',
      { type: 'string', format: 'regex' },
      '(',
      { code: 'GW_CONFIG_FORMAT', message: 'expected a regular expression, found "("' },
    ],
    [
      'a URL that is none',
      { type: 'string', format: 'uri' },
      'nowhere',
      { code: 'GW_CONFIG_FORMAT', message: 'expected a URL, found "nowhere"' },
    ],
    [
      'a duration that is none',
      { duration: true },
      'soon',
      {
        code: 'GW_CONFIG_DURATION',
        message: 'expected a duration such as "250ms" or "1m30s", found "soon"',
      },
    ],
    [
      'a duration that is too long',
      { duration: true },
      '25d',
      { message: 'expected a duration of at most 24 days, found "25d"' },
    ],
    [
      'a duration below nothing',
      { duration: true },
      '-5s',
      { message: 'expected a duration that is not below 0, and at most 24 days, found "-5s"' },
    ],
    [
      'a duration of nothing',
      { duration: true },
      '0s',
      { code: 'GW_CONFIG_DURATION', message: 'must be above 0, found "0s"' },
    ],
    [
      'a duration of half a second as a number',
      { duration: true },
      0.5,
      { code: 'GW_CONFIG_DURATION' },
    ],
    ['a size below nothing', { bytes: true }, -1, { code: 'GW_CONFIG_SIZE' }],
    ['a size of nothing', { bytes: true }, 0, { code: 'GW_CONFIG_SIZE' }],
    [
      'an empty list',
      { type: 'array', items: { type: 'string' }, minItems: 1 },
      [],
      { code: 'GW_CONFIG_RANGE' },
    ],
  ])('says what was expected and what was found: %s', (_what, property, value, problem) => {
    const { problems } = check({ x: property }, { x: value })

    expect(problems).toMatchObject([{ path: ['x'], ...problem }])
  })

  it.each(['10.0.0.0/8', '10.0.0.1', '::1', 'fe80::/10'])(
    'is not seen in the network %s',
    (text) => {
      expect(check({ x: { type: 'string', format: 'cidr' } }, { x: text }).problems).toEqual([])
    },
  )

  it.each(['10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/x', '10.0.0/8', 'fe80::/129', '/8', ''])(
    'is seen in the network %j',
    (text) => {
      expect(check({ x: { type: 'string', format: 'cidr' } }, { x: text }).problems).toHaveLength(1)
    },
  )

  it('names an unknown key and the nearest known one', () => {
    const schema = { burst: { type: 'integer' }, rate: { type: 'integer' } }

    expect(check(schema, { brst: 1, colour: 2 }).problems).toEqual([
      {
        path: ['brst'],
        code: 'GW_CONFIG_UNKNOWN_KEY',
        message: 'unknown key "brst"; did you mean "burst"?',
        suggestion: 'burst',
      },
      {
        path: ['colour'],
        code: 'GW_CONFIG_UNKNOWN_KEY',
        message: 'unknown key "colour"; known: burst, rate',
      },
    ])
  })

  it('names a missing key where it is missing', () => {
    const schema = {
      type: 'object',
      additionalProperties: false,
      required: ['rate'],
      properties: { rate: { type: 'integer' } },
    }

    expect(problemsOf(schema, {}, ['middlewares', 'limit'])).toEqual([
      {
        path: ['middlewares', 'limit'],
        code: 'GW_CONFIG_MISSING_KEY',
        message: '"rate" is required',
      },
    ])
  })

  it('has a path of keys and positions', () => {
    const servers = {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: { 'a/b~c': { type: 'integer' } },
      },
    }
    const given = { servers: [{}, { 'a/b~c': 'x' }] }

    expect(check({ servers }, given, ['services', '0']).problems).toMatchObject([
      { path: ['services', '0', 'servers', 1, 'a/b~c'] },
    ])
  })

  it('does not hide the others', () => {
    const schema: Record<string, JsonSchema> = {
      a: { type: 'integer' },
      b: { duration: true },
      c: { bytes: true },
    }
    const { problems } = check(schema, { a: 'x', b: 'x', c: 'x', d: 'x' })

    expect(problems.map(({ path }) => path.join()).toSorted()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is short however long the value is', () => {
    const [problem] = check({ x: { type: 'integer' } }, { x: 'y'.repeat(10_000) }).problems

    expect(problem?.message.length).toBeLessThan(120)
  })

  it('is found in what cannot be a configuration', () => {
    const schema = { x: { type: 'integer' } }

    expect(problemsOf(closed(schema), 'text', ['a'])).toMatchObject([
      { path: ['a'], message: 'expected a block, found "text"' },
    ])
    expect(check(schema, { x: () => 1 }).problems).toMatchObject([{ code: 'GW_CONFIG_TYPE' }])
  })
})

describe('options that stand alone', () => {
  const schema: OptionsSchema<{ rate?: number; burst?: number }> = {
    type: 'object',
    additionalProperties: false,
    properties: {
      rate: { type: 'integer', description: 'How many.' },
      burst: { type: 'integer', description: 'How many at once.' },
    },
  }

  it('may be left out', () => {
    expect(validateOptions(schema, undefined)).toEqual({})
  })

  it('are refused with every problem', () => {
    expect(() => validateOptions(schema, { rate: 'x', burst: 'y' })).toThrow(
      expect.objectContaining({
        code: 'GW_INVALID_OPTIONS',
        message: 'rate: expected an integer, found "x"',
        problems: [expect.anything(), expect.anything()],
      }),
    )
  })
})

function check(
  properties: Readonly<Record<string, JsonSchema>>,
  value: unknown,
  path: readonly (string | number)[] = [],
): { readonly options: unknown; readonly problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = []
  const options = validate(closed(properties), value, path, (problem) => problems.push(problem))
  return { options, problems }
}

function problemsOf(
  schema: JsonSchema,
  value: unknown,
  path: readonly (string | number)[],
): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  validate(schema, value, path, (problem) => problems.push(problem))
  return problems
}

function closed(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', additionalProperties: false, properties }
}
