import { HeaderList } from '@gatewright/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forwardedKinds, HeaderBlock, HeadPool, WireHeaders } from '../src/index.ts'
import { parseRequest } from './head/parsed.ts'

describe('WireHeaders', () => {
  it('behaves like the flat list of the same fields, whatever is done to them', () => {
    fc.assert(
      fc.property(fc.array(field), fc.array(command, { maxLength: 20 }), (fields, commands) => {
        const wire = received(fields.flat())
        const flat = new HeaderList(fields.flat())
        expectSame(wire, flat)
        for (const apply of commands) {
          expect(outcome(() => apply(wire))).toEqual(outcome(() => apply(flat)))
          expectSame(wire, flat)
        }
      }),
    )
  })

  it('behaves like the flat list with injected fields in front', () => {
    fc.assert(
      fc.property(
        fc.array(field),
        fc.array(field, { maxLength: 3 }),
        fc.array(command, { maxLength: 10 }),
        (fields, injected, commands) => {
          const wire = received(fields.flat())
          wire.inject(new HeaderBlock(injected.flat()), 0)
          const flat = new HeaderList([...injected, ...fields].flat())
          expectSame(wire, flat)
          for (const apply of commands) {
            expect(outcome(() => apply(wire))).toEqual(outcome(() => apply(flat)))
            expectSame(wire, flat)
          }
        },
      ),
    )
  })

  it('replaces kinds of received fields by injected ones', () => {
    const wire = received(['x-forwarded-for', 'evil', 'a', 'b', 'x-real-ip', 'evil'])

    wire.inject(new HeaderBlock(['x-forwarded-for', '1.2.3.4']), forwardedKinds)

    expect(wire.raw()).toEqual(['x-forwarded-for', '1.2.3.4', 'a', 'b'])
    expect(wire.size).toBe(2)
  })

  it('reads names in lower case and values without the white space around them', () => {
    const wire = new WireHeaders(parseRequest('GET / HTTP/1.0\r\nX-Up: \t a b\xe9 \r\n\r\n'))

    expect([...wire]).toEqual([['x-up', 'a b\xe9']])
    expect(wire.get('X-Up')).toBeUndefined()
  })

  it('reads as empty once its head was released, and never as another message', () => {
    const pool = new HeadPool({ poison: true })
    const head = parseRequest('GET / HTTP/1.0\r\nA: secret\r\n\r\n', pool.take())
    const wire = new WireHeaders(head)
    wire.append('b', 'c')
    wire.inject(new HeaderBlock(['d', 'e']), 0)

    pool.release(head)

    expectSame(wire, new HeaderList())
    parseRequest('GET / HTTP/1.0\r\nA: other\r\n\r\n', pool.take())
    expectSame(wire, new HeaderList())
    wire.append('f', 'g')
    wire.delete('a')
    expectSame(wire, new HeaderList())
  })

  it('has clones that outlive its head', () => {
    const pool = new HeadPool({ poison: true })
    const head = parseRequest('GET / HTTP/1.0\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n', pool.take())
    const wire = new WireHeaders(head)
    wire.delete('b')
    wire.append('d', '4')
    const clone = wire.clone()
    wire.set('a', 'changed')

    pool.release(head)
    clone.append('e', '5')

    expect(clone.raw()).toEqual(['a', '1', 'c', '3', 'd', '4', 'e', '5'])
  })
})

const name = fc.constantFrom('a', 'b', 'host', 'x-forwarded-for', 'set-cookie', 'abc')
const value = fc.stringMatching(/^(?:[!-~](?:[ -~]{0,6}[!-~])?)?$/)
const field = fc.tuple(
  fc.constantFrom('a', 'b', 'c', 'x-forwarded-for', 'set-cookie', 'abc'),
  value,
)
const anyName: fc.Arbitrary<string> = fc.oneof(
  { weight: 9, arbitrary: name },
  fc.constantFrom('', 'A', 'a b', 'a\r\n', 'ä'),
)
const anyValue = fc.oneof({ weight: 9, arbitrary: value }, fc.constantFrom('\r\n', '\0', '€', 'é'))

const command: fc.Arbitrary<(headers: HeaderList) => unknown> = fc.oneof(
  fc.tuple(anyName, anyValue).map(
    ([n, v]) =>
      (headers: HeaderList) =>
        headers.set(n, v),
  ),
  fc.tuple(anyName, anyValue).map(
    ([n, v]) =>
      (headers: HeaderList) =>
        headers.append(n, v),
  ),
  anyName.map((n) => (headers: HeaderList) => headers.delete(n)),
)

function received(fields: readonly string[]): WireHeaders {
  let lines = ''
  for (let i = 0; i < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`
  return new WireHeaders(parseRequest(`GET / HTTP/1.0\r\n${lines}\r\n`))
}

function outcome(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

function expectSame(wire: HeaderList, flat: HeaderList): void {
  expect(wire.raw()).toEqual(flat.raw())
  expect([...wire]).toEqual([...flat])
  expect(wire.size).toBe(flat.size)
  expect(wire.clone().raw()).toEqual(flat.clone().raw())
  for (const each of ['', 'a', 'A', 'b', 'c', 'host', 'abc', 'x-forwarded-for', 'set-cookie']) {
    expect(wire.get(each)).toBe(flat.get(each))
    expect(wire.has(each)).toBe(flat.has(each))
    expect(wire.getAll(each)).toEqual(flat.getAll(each))
  }
}
