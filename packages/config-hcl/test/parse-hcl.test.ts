import { describe, expect, it } from 'vitest'
import { HclSyntaxError, parseHcl } from '../src/index.ts'

describe('parseHcl', () => {
  it.each([
    ['', {}],
    ['entrypoints "web" { address = "a" }', { entrypoints: { web: { address: 'a' } } }],
    ['services web {}', { services: { web: {} } }],
    ['providers {\n  docker {}\n}', { providers: [{ docker: [{}] }] }],
    ['s {}\ns {}', { s: [{}, {}] }],
    ['servers = [{ url = "x" }]', { servers: [{ url: 'x' }] }],
    ['servers { url = "x" }', { servers: [{ url: 'x' }] }],
    ['headers = { "X-A" = "1" }', { headers: { 'X-A': '1' } }],
    ['headers { X-A = "1" }', { headers: [{ 'X-A': '1' }] }],
    ['entrypoints = { web = { address = "a" } }', { entrypoints: { web: { address: 'a' } } }],
    ['a = 1 # x\n// y\n/* z */\r\nb = [1,\n 2,\n]', { a: 1, b: [1, 2] }],
    ['a = <<EOT\nx\n y\nEOT\n', { a: 'x\n y\n' }],
    ['a = <<-EOT\n  x\n   y\n  EOT\n', { a: 'x\n y\n' }],
    ['\uFEFFa = 1', { a: 1 }],
    ['a = [-5, 1.5, 1e3, true, null, "\\\\d"]', { a: [-5, 1.5, 1000, true, null, '\\d'] }],
    ['a = { b : 1, "c d" = 2, 3 = 4 }', { a: { b: 1, 'c d': 2, '3': 4 } }],
    ['a = 9007199254740991', { a: 9007199254740991 }],
  ])('reads %j', async (text, config) => {
    expect(await read(text)).toEqual(config)
  })

  it('makes records of labelled blocks at every depth', async () => {
    const text = 'plugin "geo" {\n  order "request" {\n    stage = 1\n  }\n  order "response" {}\n}'

    expect(await read(text)).toEqual({
      plugins: { geo: { order: { request: { stage: 1 }, response: {} } } },
    })
  })

  it('takes singular names of sections for plural ones', async () => {
    const text = `
      entrypoint "a" {}
      router "b" {}
      service "c" {}
      middleware "d" {}
      provider "e" {}
      plugin "f" {}
      routers "g" {}
      tls {
        service "h" {}
      }`

    expect(await read(text)).toEqual({
      entrypoints: { a: {} },
      routers: { b: {}, g: {} },
      services: { c: {} },
      middlewares: { d: {} },
      providers: { e: {} },
      plugins: { f: {} },
      tls: [{ service: { h: {} } }],
    })
  })

  it('keeps the order of the source', async () => {
    const config = await read('z = 1\nb { y = 1 }\na = { d = 1, c = 2, "b" = 3 }')

    expect(Object.keys(config)).toEqual(['z', 'b', 'a'])
    expect(Object.keys(Object(config['a']))).toEqual(['d', 'c', 'b'])
  })

  it('makes objects that have no prototype and cannot be changed', async () => {
    const config = await read('a { b = { c = [1] } }')

    expect(Object.getPrototypeOf(config)).toBeNull()
    expect('toString' in config).toBe(false)
    expect(Object.isFrozen(config)).toBe(true)
    expect(config['a']).toSatisfy(Object.isFrozen)
    expect(config).toHaveProperty('a.0.b.c', [1])
    expect({}).not.toHaveProperty('admin')
  })

  it('finds every problem at once, in the order of the text', async () => {
    const text = 'a = A\nb "" {}\nc = { d = 1, d = uper("x") }\ne = 9007199254740993'

    const error = await read(text).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(HclSyntaxError)
    expect(error).toMatchObject({
      code: 'GW_CONFIG_INVALID',
      message: '5 problems; the first: test.hcl:1:5: references missing environment variable "A"',
      problems: [
        { code: 'GW_CONFIG_MISSING_ENV', line: 1, column: 5, endColumn: 6, path: ['a'] },
        { code: 'GW_CONFIG_LABEL', line: 2, column: 3, path: ['b'] },
        { code: 'GW_CONFIG_DUPLICATE', line: 3, column: 14, path: ['c', 'd'] },
        { code: 'GW_CONFIG_EXPRESSION', line: 3, column: 18, path: ['c', 'd'] },
        { code: 'GW_CONFIG_NUMBER', line: 4, column: 5, path: ['e'] },
      ],
    })
  })

  it('refuses a text that is too large', async () => {
    const parsing = parseHcl(`a = "${'é'.repeat(50)}"`, { file: 'test.hcl', maxBytes: 100 })

    await expect(parsing).rejects.toMatchObject({ problems: [{ code: 'GW_CONFIG_TOO_LARGE' }] })
  })

  it.each([
    ['blocks', 'a {\n'.repeat(100), '}\n'.repeat(100)],
    ['lists', `a = ${'['.repeat(100)}`, ']'.repeat(100)],
    ['parentheses', `a = ${'('.repeat(100)}1`, ')'.repeat(100)],
    ['templates', `a = "x${'${"x'.repeat(50)}`, `${'"}'.repeat(50)}"`],
    ['operators', `a = ${'1 + '.repeat(100)}1`, ''],
  ])('accepts 100 levels of %s', async (_name, open, close) => {
    await expect(read(`${open}${close}`)).resolves.toHaveProperty('a')
  })

  it.each([
    ['blocks', 'a {\n'.repeat(101), '}\n'.repeat(101)],
    ['lists', `a = ${'['.repeat(5000)}`, ']'.repeat(5000)],
    ['parentheses', `a = ${'('.repeat(5000)}1`, ')'.repeat(5000)],
    ['templates', `a = "${'${"'.repeat(5000)}`, `${'"}'.repeat(5000)}"`],
    ['operators', `a = ${'1 + '.repeat(5000)}1`, ''],
    ['conditionals', `a = ${'A ? 1 : '.repeat(5000)}1`, ''],
    ['signs', `a = ${'!'.repeat(5000)}true`, ''],
    ['blocks that are never closed', 'a {\n'.repeat(5000), ''],
  ])('refuses more levels of %s before the parser sees them', async (_name, open, close) => {
    const parsing = read(`${open}${close}`)

    await expect(parsing).rejects.toMatchObject({ problems: [{ code: 'GW_CONFIG_TOO_LARGE' }] })
  })
})

async function read(text: string): Promise<Readonly<Record<string, unknown>>> {
  const document = await parseHcl(text, { file: 'test.hcl', env: {} })
  return document.config
}
