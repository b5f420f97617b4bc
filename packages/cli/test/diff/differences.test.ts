import { describe, expect, it } from 'vitest'
import { differencesToJson, renderDifferences } from '../../src/diff/difference-view.ts'
import { differencesOf } from '../../src/diff/differences.ts'
import { keyChanges } from '../../src/diff/key-changes.ts'
import { listenerChanges } from '../../src/diff/listener-changes.ts'
import { type Outline, sealed, unknownValue } from '../../src/diff/outline.ts'

const key = 'key'

describe('changes of keys', () => {
  it.each([
    { before: { a: 1, b: 2 }, after: { b: 2, a: 1 }, changes: [] },
    { before: { a: 1 }, after: { a: 2 }, changes: [{ key: 'a', before: 1, after: 2 }] },
    { before: {}, after: { a: false }, changes: [{ key: 'a', after: false }] },
    { before: { a: null }, after: {}, changes: [{ key: 'a', before: null }] },
    { before: 30, after: 7, changes: [{ key: '', before: 30, after: 7 }] },
    {
      before: { a: { b: { c: 'x' } } },
      after: { a: { b: { c: 'y', d: 'z' } } },
      changes: [
        { key: 'a.b.c', before: 'x', after: 'y' },
        { key: 'a.b.d', after: 'z' },
      ],
    },
    {
      before: { a: ['x', 'y', 'y'] },
      after: { a: ['y', 'z'] },
      changes: [{ key: 'a', removed: ['x', 'y'], added: ['z'] }],
    },
    {
      before: { a: [{ url: 'x', weight: 1 }] },
      after: { a: [{ url: 'x', weight: 2 }] },
      changes: [{ key: 'a', removed: [{ url: 'x', weight: 1 }], added: [{ url: 'x', weight: 2 }] }],
    },
    {
      before: { a: ['x', 'y'] },
      after: { a: ['y', 'x'] },
      changes: [{ key: 'a', removed: [], added: [] }],
    },
    { before: { a: 'x' }, after: { a: ['x'] }, changes: [{ key: 'a', before: 'x', after: ['x'] }] },
  ])('from $before to $after are $changes', ({ before, after, changes }) => {
    expect(keyChanges(before, after)).toEqual(changes)
  })
})

describe('changes of listeners', () => {
  it.each([
    { what: 'another name', from: ['a', ':80'], to: ['b', ':80'], moved: false },
    { what: 'another address', from: ['a', ':80'], to: ['a', ':81'], moved: true },
    { what: 'another spelling', from: ['a', '127.0.0.1:080'], to: ['a', '127.0.0.1:80'] },
    { what: 'the same open port', from: ['a', ':0'], to: ['a', ':0'], moved: false },
    { what: 'the open port of another', from: ['a', ':0'], to: ['b', ':0'], moved: true },
  ])('with $what', ({ from, to, moved = false }) => {
    const { opened, closed, kept } = listenerChanges(entrypoint(from), entrypoint(to))

    expect([opened.length, closed.length, kept.length]).toEqual(moved ? [1, 1, 0] : [0, 0, 1])
  })
})

describe('a secret', () => {
  it('is the same wherever it came from', () => {
    const fromEnvironment = outline({ services: { app: { url: sealed('http://a', key) } } })
    const literal = outline({ services: { app: { url: 'http://a' } } })

    expect(differencesOf(fromEnvironment, literal, key).unchanged).toBe(true)
    expect(differencesOf(literal, fromEnvironment, key).unchanged).toBe(true)
  })

  it('is not shown in either version', () => {
    const old = outline({ services: { app: { url: sealed('http://old', key), list: [1] } } })
    const literal = outline({ services: { app: { url: 'http://new', list: [sealed('x', key)] } } })

    const differences = differencesOf(old, literal, key)

    const shown = renderDifferences(differences, plain)
    expect(shown).toContain('    url: another secret\n')
    expect(JSON.stringify([shown, differencesToJson(differences)])).not.toMatch(/new|sealed/)
  })

  it('that is not known is taken to be the one that runs, and a value to be another one', () => {
    const running = outline({ services: { app: { a: sealed('x', key), b: 'plain' } } })
    const unknown = outline({ services: { app: { a: unknownValue, b: unknownValue } } })

    const { updates } = differencesOf(running, unknown, key)

    expect(updates).toMatchObject([{ name: 'app', keys: [{ key: 'b', before: 'plain' }] }])
  })
})

describe('a block that is not understood without variables', () => {
  it('is taken to be as it was', () => {
    const running = outline({ middlewares: { m: { type: 'x' } } })
    const unknown = outline({}, { unknown: [['middlewares', 'm']] })

    expect(differencesOf(running, unknown, key).unchanged).toBe(true)
  })
})

describe('routers that drain', () => {
  it('are those that depend on what changed or is gone', () => {
    const dependencies = {
      a: ['services/one'],
      b: ['services/two', 'middlewares/m'],
      c: ['services/two'],
    }
    const running = outline(
      {
        routers: { a: {}, b: {}, c: {} },
        services: { one: { n: 1 }, two: {} },
        middlewares: { m: {} },
      },
      { dependencies },
    )
    const next = outline({ routers: { a: {}, b: {}, c: {} }, services: { one: { n: 2 }, two: {} } })

    expect(differencesOf(running, next, key).drained).toEqual(['a', 'b'])
  })
})

describe('what takes more than a reload', () => {
  const entrypoints = { web: { address: ':80', protocol: 'http' } }
  const audit = { source: './audit.js' }

  it.each([
    { what: 'nothing', from: {}, to: { workers: 1 }, warnings: [] },
    {
      what: 'several workers',
      from: {},
      to: { workers: 2 },
      warnings: ['"workers" needs a restart'],
    },
    {
      what: 'fewer workers',
      from: { workers: 2 },
      to: {},
      warnings: ['the workers are replaced one by one'],
    },
    {
      what: 'a plugin',
      from: { plugins: { audit } },
      to: { plugins: { audit: { source: './other.js' } } },
      warnings: ['plugins "audit" needs a restart; a reload is refused'],
    },
    {
      what: 'a plugin of workers',
      from: { workers: 2, plugins: { audit } },
      to: { workers: 2, plugins: { audit: { ...audit, config: { a: 1 } } } },
      warnings: ['the workers are replaced one by one'],
    },
    {
      what: 'the version of a plugin',
      from: { plugins: { audit } },
      to: { plugins: { audit: { ...audit, version: '^1' } } },
      warnings: [],
    },
    { what: 'a new plugin', from: {}, to: { plugins: { audit } }, warnings: [] },
    {
      what: 'no entrypoint',
      from: {},
      to: { entrypoints: {} },
      warnings: ['nothing listens: there is no entrypoint'],
    },
  ])('is told: $what', ({ from, to, warnings }) => {
    const running = outline({ entrypoints, ...from })

    expect(differencesOf(running, outline({ entrypoints, ...to }), key).warnings).toEqual(warnings)
  })
})

const plain = { write: () => true }

function outline(config: Readonly<Record<string, unknown>>, rest: Partial<Outline> = {}): Outline {
  return { hash: '', config, labelled: ['plugins'], dependencies: {}, unknown: [], ...rest }
}

function entrypoint([name = '', address]: readonly string[]): Readonly<Record<string, unknown>> {
  return { entrypoints: { [name]: { address, protocol: 'http' } } }
}
