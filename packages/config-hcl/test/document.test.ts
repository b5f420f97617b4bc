import type { ConfigPath } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { type HclDocument, parseHcl } from '../src/index.ts'

const text = `
router "api" {
  service     = "x"
  middlewares = ["a", NAME]
}
services "api" {
  load_balancer {
    servers = [
      { url = "é", weight = 1 },
      { "url" = "http://\${NAME}:80" },
    ]
  }
  order { stage = 1 }
  order { stage = 2 }
}
middlewares "headers" {
  prefixes = "/v1"
  request_headers = [
    { name = "X-A", value = NAME },
    { name = "X-B", value = "2" },
  ]
  computed = { "\${NAME}" = 1, plain = split(",", NAME) }
  key = file("key.pem")
}
`

describe('locate', () => {
  it.each<[ConfigPath, string, string]>([
    [['routers'], 'router "api"', text.slice(1, text.indexOf('services "api"') - 1)],
    [['routers', 'api', 'service'], 'service', '"x"'],
    [['routers', 'api', 'middlewares'], 'middlewares', '["a", NAME]'],
    [['routers', 'api', 'middlewares', 0], '"a"', '"a"'],
    [['services', 'api', 'load_balancer', 'servers', 0, 'weight'], 'weight', '1'],
    [['services', 'api', 'load_balancer', 0, 'servers', 1, 'url'], '"url"', '"http://${NAME}:80"'],
    [['services', 'api', 'order', 1], 'order', 'order { stage = 2 }'],
    [['services', 'api', 'order', 1, 'stage'], 'stage', '2'],
    [['middlewares', 'headers', 'prefixes', 0], 'prefixes', '"/v1"'],
    [['middlewares', 'headers', 'request_headers', 'X-B'], 'value', '"2"'],
    [['middlewares', 'headers', 'computed', 'value'], '"${NAME}"', '1'],
    [['middlewares', 'headers', 'computed', 'plain', 0], 'plain', 'split(",", NAME)'],
  ])('finds %j', async (path, key, value) => {
    const document = await read()

    expect(sourceAt(document, path, 'key')).toBe(key)
    expect(sourceAt(document, path, 'value')).toBe(value)
  })

  it.each<[ConfigPath]>([
    [['nothing']],
    [['routers', 'api', 'service', 'x']],
    [['routers', 'api', 'middlewares', 2]],
    [['services', 'api', 'order', 2]],
    [['middlewares', 'headers', 'request_headers', 'X-C']],
    [['routers', 'toString']],
  ])('finds nothing at %j', async (path) => {
    expect((await read()).locate(path)).toBeUndefined()
  })

  it('counts lines and columns from 1, and columns in characters as people see them', async () => {
    const document = await parseHcl('a = 1\nb = ["👨‍👩‍👧é", 2]', { file: 'test.hcl' })

    expect(document.locate(['b', 1])).toEqual({
      start: { line: 2, column: 12 },
      end: { line: 2, column: 13 },
    })
  })
})

describe('interpolated', () => {
  it.each<[ConfigPath, boolean]>([
    [['routers', 'api', 'service'], false],
    [['routers', 'api', 'middlewares', 0], false],
    [['routers', 'api', 'middlewares', 1], true],
    [['services', 'api', 'load_balancer', 'servers', 1, 'url'], true],
    [['middlewares', 'headers', 'request_headers', 'X-A'], true],
    [['middlewares', 'headers', 'request_headers', 'X-B'], false],
    [['middlewares', 'headers', 'computed', 'plain', 0], true],
    [['middlewares', 'headers', 'key'], true],
    [['nothing'], false],
  ])('of %j is %s', async (path, expected) => {
    expect((await read()).interpolated(path)).toBe(expected)
  })
})

describe('allowMissingEnv', () => {
  it('makes missing variables empty text and tells which they are', async () => {
    const source = 'a = A\nb = ["x-${B}", int(B) + 1, "c"]\nd = env("D", "default")\ne = A ? 1 : 2'

    const document = await parseHcl(source, { file: 'test.hcl', env: {}, allowMissingEnv: true })

    expect(document.config).toEqual({ a: '', b: ['', '', 'c'], d: 'default', e: '' })
    expect(document.missing).toEqual([
      { variable: 'A', path: ['a'] },
      { variable: 'B', path: ['b', 0] },
      { variable: 'B', path: ['b', 1] },
      { variable: 'A', path: ['e'] },
    ])
  })

  it('gives no type to what is not known, and reports no wrong one', async () => {
    const options = { file: 'test.hcl', env: {}, allowMissingEnv: true }
    const document = await parseHcl('a = A', options)
    const problems: unknown[] = []

    document.normalise('', { type: 'integer' }, ['a'], (problem) => problems.push(problem))

    expect(problems).toEqual([])
  })
})

async function read(): Promise<HclDocument> {
  const options = { file: 'gateway.hcl', env: { NAME: 'value' }, readFile: () => 'key' }
  return await parseHcl(text, options)
}

function sourceAt(document: HclDocument, path: ConfigPath, part: 'key' | 'value'): string {
  const range = document.locate(path, part)
  if (range === undefined) return ''
  const lines = document.text.split('\n')
  const found = lines.slice(range.start.line - 1, range.end.line)
  const last = found.pop()?.slice(0, range.end.column - 1) ?? ''
  return [...found, last].join('\n').slice(range.start.column - 1)
}
