import { describe, expect, it } from 'vitest'
import { PrefixList } from '../src/prefix-list.ts'

describe('a list of prefixes', () => {
  it.each([
    { prefixes: ['/api'], path: '/api/users', removed: '/api' },
    { prefixes: ['/api'], path: '/api', removed: '/api' },
    { prefixes: ['/api'], path: '/apifoo', removed: '/api' },
    { prefixes: ['/api'], path: '/API/users', removed: undefined },
    { prefixes: ['/api'], path: '/other/api', removed: undefined },
    { prefixes: ['/api/'], path: '/api/x', removed: '/api/' },
    { prefixes: ['/api/'], path: '/api', removed: undefined },
    { prefixes: ['/a%20b'], path: '/a%20b/x', removed: '/a%20b' },
    { prefixes: ['/a b'], path: '/a%20b/x', removed: undefined },
    { prefixes: [], path: '/api', removed: undefined },
    { prefixes: ['/api'], path: '*', removed: undefined },
  ])('$prefixes removes $removed from $path', ({ prefixes, path, removed }) => {
    const list = new PrefixList({ prefixes, strict: false, match: 'first' })

    expect(part(list, path)).toBe(removed)
  })

  it.each([
    { prefix: '/api', path: '/apifoo', removed: undefined },
    { prefix: '/api', path: '/api/foo', removed: '/api' },
    { prefix: '/api', path: '/api', removed: '/api' },
    { prefix: '/api/', path: '/api/foo', removed: '/api/' },
    { prefix: '/', path: '/foo', removed: '/' },
  ])('strict: $prefix removes $removed from $path', ({ prefix, path, removed }) => {
    const list = new PrefixList({ prefixes: [prefix], strict: true, match: 'first' })

    expect(part(list, path)).toBe(removed)
  })

  it.each([
    { prefix: '/apps/*', path: '/apps/abc/x', removed: '/apps/abc' },
    { prefix: '/apps/*', path: '/apps/abc/x/y', removed: '/apps/abc' },
    { prefix: '/apps/*', path: '/apps/abc', removed: '/apps/abc' },
    { prefix: '/apps/*', path: '/apps/', removed: '/apps/' },
    { prefix: '/apps/*', path: '/apps', removed: undefined },
    { prefix: '/apps/*', path: '/apps/a%2Fb/x', removed: '/apps/a%2Fb' },
    { prefix: '/*', path: '/abc/x', removed: '/abc' },
  ])('wildcard: $prefix removes $removed from $path', ({ prefix, path, removed }) => {
    const list = new PrefixList({ prefixes: [prefix], strict: true, match: 'first' })

    expect(part(list, path)).toBe(removed)
  })

  it.each([
    { match: 'first', prefixes: ['/api', '/api/v1'], path: '/api/v1/users', removed: '/api' },
    { match: 'longest', prefixes: ['/api', '/api/v1'], path: '/api/v1/users', removed: '/api/v1' },
    { match: 'longest', prefixes: ['/api/v1', '/api'], path: '/api/v2', removed: '/api' },
    { match: 'longest', prefixes: ['/a/*', '/a/bc'], path: '/a/bcd/x', removed: '/a/bcd' },
    { match: 'longest', prefixes: ['/a/*', '/a/b/c'], path: '/a/b/c', removed: '/a/b/c' },
  ] as const)('$match of $prefixes removes $removed from $path', (row) => {
    const list = new PrefixList({ prefixes: row.prefixes, strict: false, match: row.match })

    expect(part(list, row.path)).toBe(row.removed)
  })
})

function part(list: PrefixList, path: string): string | undefined {
  const length = list.lengthIn(path)
  return length === undefined ? undefined : path.slice(0, length)
}
