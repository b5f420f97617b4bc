import { array, assert, constantFrom, property, record, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkField, HeaderList } from '../src/headers.ts'
import { GatewayResponse } from '../src/response.ts'

describe('a header list', () => {
  it('keeps order and duplicates', () => {
    const headers = new HeaderList()
    headers.append('set-cookie', 'a=1')
    headers.append('via', '1.1 x')
    headers.append('set-cookie', 'b=2')

    expect([...headers]).toEqual([
      ['set-cookie', 'a=1'],
      ['via', '1.1 x'],
      ['set-cookie', 'b=2'],
    ])
    expect(headers.get('set-cookie')).toBe('a=1')
    expect(headers.getAll('set-cookie')).toEqual(['a=1', 'b=2'])
    expect(headers.size).toBe(3)
  })

  it('never joins fields', () => {
    const headers = new HeaderList(['set-cookie', 'a=1', 'set-cookie', 'b=2'])

    expect(headers.raw()).toEqual(['set-cookie', 'a=1', 'set-cookie', 'b=2'])
  })

  it('puts one field in place of all of that name, and that one last', () => {
    const headers = new HeaderList(['a', '1', 'b', '2', 'a', '3', 'c', '4'])

    headers.set('a', '5')

    expect(headers.raw()).toEqual(['b', '2', 'c', '4', 'a', '5'])
  })

  it('adds a field that was not there', () => {
    const headers = new HeaderList(['a', '1'])

    headers.set('b', '2')

    expect(headers.raw()).toEqual(['a', '1', 'b', '2'])
  })

  it('deletes every field of a name', () => {
    const headers = new HeaderList(['a', '1', 'b', '2', 'a', '3'])

    headers.delete('a')
    headers.delete('missing')

    expect(headers.raw()).toEqual(['b', '2'])
    expect([headers.has('a'), headers.has('b')]).toEqual([false, true])
  })

  it('tells an empty value from none', () => {
    const headers = new HeaderList(['a', ''])

    expect([headers.get('a'), headers.has('a')]).toEqual(['', true])
    expect([headers.get('b'), headers.has('b'), headers.getAll('b')]).toEqual([
      undefined,
      false,
      [],
    ])
  })

  it('takes raw headers of Node with their names in lower case', () => {
    const headers = HeaderList.fromRaw(['Content-Type', 'Text/Plain', 'X-A', 'B'])

    expect(headers.raw()).toEqual(['content-type', 'Text/Plain', 'x-a', 'B'])
  })

  it('has copies that do not depend on it', () => {
    const headers = new HeaderList(['a', '1'])
    const copy = headers.clone()

    copy.set('a', '2')
    headers.append('b', '3')

    expect([headers.raw(), copy.raw()]).toEqual([
      ['a', '1', 'b', '3'],
      ['a', '2'],
    ])
  })

  it('behaves like a list of pairs', () => {
    const name = constantFrom('a', 'b', 'set-cookie')
    const value = constantFrom('', '1', 'x y')
    const step = record({ how: constantFrom('set', 'append', 'delete'), name, value })
    assert(
      property(array(tuple(name, value)), array(step), (start, steps) => {
        const headers = new HeaderList(start.flat())
        let model = start.map(([key, text]) => [key, text])
        for (const { how, name: key, value: text } of steps) {
          if (how !== 'append') model = model.filter(([other]) => other !== key)
          if (how !== 'delete') model.push([key, text])
          if (how === 'set') headers.set(key, text)
          if (how === 'append') headers.append(key, text)
          if (how === 'delete') headers.delete(key)
        }

        expect([...headers]).toEqual(model)
        expect(headers.size).toBe(model.length)
      }),
    )
  })
})

describe('trailers', () => {
  it('are left out if their fields were removed from the head, or set there', () => {
    const head = new HeaderList(['x-user', 'ann', 'x-plan', 'free', 'x-other', 'a'])
    head.delete('x-user')
    head.delete('x-absent')
    head.set('x-plan', 'paid')
    head.append('x-more', 'b')
    const trailers = new HeaderList(
      ['x-user', 'x-absent', 'x-plan', 'x-other', 'x-more'].flatMap((name) => [name, 'c']),
    )

    for (const list of [head, head.clone()]) {
      expect(list.filterTrailers(trailers).raw()).toEqual(['x-other', 'c', 'x-more', 'c'])
    }
  })

  it('stay as they are behind a head that nobody changed', () => {
    const trailers = new HeaderList(['x-user', 'ann'])

    expect(new HeaderList(['x-user', 'bob']).filterTrailers(trailers)).toBe(trailers)
  })
})

describe('an injection', () => {
  it.each([
    ['a line feed', 'x\ny: z'],
    ['a carriage return', 'x\ry'],
    ['a null', 'x\0y'],
    ['a control character', 'x\x07'],
    ['delete', 'x\x7f'],
    ['what is no byte', 'x\u{1f600}'],
  ])('through a value is refused: %s', (_what, value) => {
    const headers = new HeaderList(['a', '1'])

    for (const put of [() => headers.set('a', value), () => headers.append('a', value)]) {
      expect(put).toThrow(expect.objectContaining({ code: 'GW_INVALID_HEADER' }))
    }
    expect(headers.raw()).toEqual(['a', '1'])
  })

  it.each(['', 'a b', 'a:', 'a\n', 'A', 'ä', 'a\0'])('through a name is refused: %j', (name) => {
    expect(() => new HeaderList().set(name, 'x')).toThrow(
      expect.objectContaining({ code: 'GW_INVALID_HEADER' }),
    )
  })

  it('does not show the value in the error', () => {
    expect(() => checkField('authorization', 'Bearer s3cret\n')).toThrow(
      /^header field "authorization" has an invalid value$/,
    )
  })

  it.each(['', ' a ', 'a\tb', 'grün', '"quoted"', 'a\x80b'])('is not seen in %j', (value) => {
    expect(() => checkField('x-a', value)).not.toThrow()
  })
})

describe('a header list made of an object', () => {
  it('takes names in any case and lists of values, in their order', () => {
    const headers = HeaderList.from({ 'Content-Type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] })

    expect([...headers]).toEqual([
      ['content-type', 'text/plain'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ])
  })

  it('refuses what cannot be sent', () => {
    expect(() => HeaderList.from({ 'x-a': 'b\r\nx-c: d' })).toThrow(/invalid value/)
    expect(() => HeaderList.from({ 'x a': 'b' })).toThrow(/invalid name/)
  })

  it('can be given to a response', () => {
    const response = new GatewayResponse({ status: 200, headers: { 'X-A': '1' } })

    expect(response.headers.get('x-a')).toBe('1')
  })

  it('is not asked for a name with capitals, which does not compile', () => {
    const headers = HeaderList.from({ 'X-A': '1' })

    // @ts-expect-error: names have to be in lower case
    expect(headers.get('X-A')).toBeUndefined()
  })
})
