import { assert, jsonValue, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, deepFreeze } from '../src/canonical.ts'

describe('canonical JSON', () => {
  it('does not depend on the order of keys, and does on that of lists', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: 1 })).toBe(
      canonicalJson({ a: 1, b: [{ c: 2, d: 1 }] }),
    )
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]))
  })

  it('has a text for what JSON has none for', () => {
    expect(canonicalJson(undefined)).toBe('undefined')
  })

  it('means the same value', () => {
    assert(
      property(jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

describe('deep freezing', () => {
  it('reaches every part', () => {
    const value = deepFreeze({ a: [{ b: 1 }], c: Object.assign(Object.create(null), { d: [] }) })

    expect([value, value.a, value.a[0], value.c, value.c.d].every(Object.isFrozen)).toBe(true)
  })
})
