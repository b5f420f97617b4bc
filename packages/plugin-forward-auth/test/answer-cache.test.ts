import { HeaderList } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { AnswerCache } from '../src/answer-cache.ts'

const ann = { fields: new HeaderList(['x-user', 'ann']), consumer: undefined }

describe('remembered answers', () => {
  it('hold for as long as the configuration says', () => {
    let now = 1
    const cache = new AnswerCache(1000, undefined, () => now)
    const key = cache.keyOf(['cookie', 'a=1']) ?? ''
    cache.add(key, ann, new HeaderList())

    now = 1000
    expect(cache.get(key)).toBe(ann)
    now = 1002
    expect(cache.get(key)).toBeUndefined()
  })

  it.each([
    { control: 'max-age=2', age: 1999, known: true },
    { control: 'private, Max-Age="2"', age: 2001, known: false },
    { control: 'max-age=3600', age: 10_001, known: false },
    { control: 'max-age=0', age: 0, known: false },
    { control: 'no-store', age: 0, known: false },
    { control: 'private, no-cache', age: 0, known: false },
  ])('with "$control" hold no longer than they may', ({ control, age, known }) => {
    let now = 1
    const cache = new AnswerCache(10_000, undefined, () => now)
    const key = cache.keyOf(['cookie', 'a=1']) ?? ''

    cache.add(key, ann, new HeaderList(['cache-control', control]))
    now += age

    expect(cache.get(key) === ann).toBe(known)
  })

  it('are told apart by the listed fields, wherever a value begins', () => {
    const cache = new AnswerCache(1000, new Set(['cookie', 'x-zone']))

    expect(cache.keyOf(['accept', '*/*', 'cookie', 'a'])).toBe(
      cache.keyOf(['cookie', 'a', 'accept', 'text/html']),
    )
    expect(cache.keyOf(['cookie', 'a', 'x-zone', 'b'])).not.toBe(
      cache.keyOf(['cookie', 'a,x-zone', 'x-zone', 'b']),
    )
    expect(cache.keyOf(['cookie', 'a', 'cookie', 'b'])).not.toBe(cache.keyOf(['cookie', 'a']))
    expect(cache.keyOf(['accept', '*/*'])).toBeUndefined()
  })
})
