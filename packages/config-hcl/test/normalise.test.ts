import type { ConfigProblem, JsonSchema } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { parseHcl } from '../src/index.ts'

const env = { COUNT: '100', RATIO: '0.5', FLAG: 'true', TEXT: 'abc', TIME: '250ms' }

const text: JsonSchema = { type: 'string' }
const integer: JsonSchema = { type: 'integer' }
const server: JsonSchema = { type: 'object', properties: { url: text, weight: integer } }

describe('a block that may appear once', () => {
  const schema: JsonSchema = { type: 'object', properties: { url: text } }

  it.each(['x { url = "a" }', 'x = { url = "a" }'])('is the same as %s', async (source) => {
    expect(await normalise(source, schema)).toEqual({ value: { url: 'a' }, problems: [] })
  })

  it('is refused twice, at the second place', async () => {
    const { problems } = await normalise('x {}\nx {}', schema)

    expect(problems).toMatchObject([{ code: 'GW_CONFIG_BLOCK_REPEATED', path: ['x', 1] }])
  })

  it.each(['x = 1', 'x = []', 'x = ["a"]'])('is left to validation for %s', async (source) => {
    const { value, problems } = await normalise(source, schema)

    expect(value).not.toEqual({})
    expect(problems).toEqual([])
  })
})

describe('a list of objects', () => {
  const schema: JsonSchema = { type: 'array', items: server }

  it.each(['x { url = "a" }', 'x = { url = "a" }', 'x = [{ url = "a" }]'])(
    'takes %s for one',
    async (source) => {
      expect(await normalise(source, schema)).toEqual({ value: [{ url: 'a' }], problems: [] })
    },
  )

  it('takes several blocks in their order', async () => {
    const source = 'x { url = "b" }\nx {\n  url = "a"\n  weight = COUNT\n}'

    expect(await normalise(source, schema)).toEqual({
      value: [{ url: 'b' }, { url: 'a', weight: 100 }],
      problems: [],
    })
  })
})

describe('a list of scalars', () => {
  const schema: JsonSchema = { type: 'array', items: integer }

  it.each([
    ['x = 1', [1]],
    ['x = [1, 2]', [1, 2]],
    ['x = COUNT', [100]],
    ['x = [1, COUNT]', [1, 100]],
    ['x = split(",", "1,2")', ['1', '2']],
    ['x = split(",", COUNT)', [100]],
    ['x = { a = 1 }', { a: 1 }],
  ])('%s is %j', async (source, value) => {
    expect(await normalise(source, schema)).toEqual({ value, problems: [] })
  })
})

describe('a map of text', () => {
  const schema: JsonSchema = { type: 'object', additionalProperties: text }

  it.each([
    'x = { A = "1", B = "2" }',
    'x {\n  A = "1"\n  B = "2"\n}',
    'x = [{ name = "A", value = "1" }, { name = "B", value = "2" }]',
    'x {\n  name = "A"\n  value = "1"\n}\nx {\n  value = "2"\n  name = "B"\n}',
  ])('is the same as %j', async (source) => {
    expect(await normalise(source, schema)).toEqual({ value: { A: '1', B: '2' }, problems: [] })
  })

  it('takes names as they are in an object', async () => {
    const { value } = await normalise('x = { name = "A", value = "1" }', schema)

    expect(value).toEqual({ name: 'A', value: '1' })
  })

  it('refuses names that differ in case only', async () => {
    const { problems } = await normalise('x = { A = "1", a = "2" }', schema)

    expect(problems).toMatchObject([{ code: 'GW_CONFIG_DUPLICATE', path: ['x', 'a'] }])
  })
})

describe('a map of objects', () => {
  const schema: JsonSchema = { type: 'object', additionalProperties: server }

  it.each(['x "a" { url = "1" }', 'x = { a = { url = "1" } }'])(
    'is the same as %s',
    async (source) => {
      expect(await normalise(source, schema)).toEqual({ value: { a: { url: '1' } }, problems: [] })
    },
  )

  it('needs labels', async () => {
    const { value, problems } = await normalise('x { url = "1" }', schema)

    expect(value).toBeUndefined()
    expect(problems).toMatchObject([{ code: 'GW_CONFIG_LABEL', path: ['x'] }])
  })
})

describe('an object with known and other keys', () => {
  it('gives each its own schema', async () => {
    const schema: JsonSchema = {
      type: 'object',
      properties: { count: integer },
      additionalProperties: { type: 'boolean' },
    }

    const { value } = await normalise(
      'x = { count = COUNT, other = FLAG, toString = FLAG }',
      schema,
    )

    expect(value).toEqual({ count: 100, other: true, toString: true })
  })
})

describe('text from the environment', () => {
  it.each<[string, JsonSchema, unknown]>([
    ['COUNT', integer, 100],
    ['"${COUNT}"', integer, 100],
    ['env("COUNT")', integer, 100],
    ['env("NOT_SET", "7")', integer, 7],
    ['env("NOT_SET", 7)', integer, 7],
    ['FLAG ? COUNT : TEXT', integer, 100],
    ['trimspace(" ${COUNT}")', integer, 100],
    ['RATIO', { type: 'number' }, 0.5],
    ['FLAG', { type: 'boolean' }, true],
    ['COUNT', text, '100'],
    ['COUNT', { duration: true }, 100],
    ['TIME', { duration: true }, '250ms'],
    ['COUNT', { bytes: true }, 100],
    ['COUNT', {}, '100'],
    ['"${COUNT}0"', integer, '1000'],
    ['"100"', integer, '100'],
    ['100', { duration: true }, 100],
  ])('%s as %j is %j', async (expression, schema, value) => {
    expect(await normalise(`x = ${expression}`, schema)).toEqual({ value, problems: [] })
  })

  it.each<[string, JsonSchema, string]>([
    ['TEXT', integer, 'an integer'],
    ['RATIO', integer, 'an integer'],
    ['TEXT', { type: 'number' }, 'a number'],
    ['COUNT', { type: 'boolean' }, '"true" or "false"'],
  ])('%s as %j is refused without its value', async (expression, schema, noun) => {
    const { value, problems } = await normalise(`x = ${expression}`, schema)

    expect(value).toBeUndefined()
    expect(problems).toEqual([
      {
        path: ['x'],
        code: 'GW_CONFIG_TYPE',
        message: `expected ${noun}, found the value of environment variable "${expression}"`,
      },
    ])
  })
})

describe('normalise', () => {
  it('leaves out null', async () => {
    const schema: JsonSchema = { type: 'object', properties: { url: text } }

    const { value } = await normalise('x = { url = null, other = null, third = 1 }', schema)

    expect(value).toEqual({ third: 1 })
  })

  it('does not change the document', async () => {
    const source = 'x {\n  servers { weight = COUNT }\n}'
    const document = await parseHcl(source, { file: 'test.hcl', env })
    const before = JSON.stringify(document.config)
    const schema: JsonSchema = {
      type: 'object',
      properties: {
        x: { type: 'object', properties: { servers: { type: 'array', items: server } } },
      },
    }

    const value = document.normalise(document.config, schema, [], () => {})

    expect(value).toEqual({ x: { servers: [{ weight: 100 }] } })
    expect(JSON.stringify(document.config)).toBe(before)
  })

  it('converts no text that another source put in the place of its own', async () => {
    const document = await parseHcl('x = COUNT', { file: 'test.hcl', env })

    expect(document.normalise('7', integer, ['x'], () => {})).toBe('7')
  })
})

async function normalise(
  source: string,
  schema: JsonSchema,
): Promise<{ value: unknown; problems: ConfigProblem[] }> {
  const document = await parseHcl(source, { file: 'test.hcl', env })
  const problems: ConfigProblem[] = []
  const value = document.normalise(document.config['x'], schema, ['x'], (problem) => {
    problems.push(problem)
  })
  return { value, problems }
}
