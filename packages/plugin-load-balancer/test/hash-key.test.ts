import { describe, expect, it } from 'vitest'
import { hashText } from '../src/consistent-hash/hash.ts'
import { createHashKey, type HashKey } from '../src/consistent-hash/hash-key.ts'
import { connectionFrom, type RequestParts, requestWith } from './exchange.ts'

const address = '192.0.2.7'

describe('the key of a request', () => {
  it.each<{ on: string; request: RequestParts; key: string }>([
    { on: 'client_ip', request: { address }, key: address },
    { on: 'client_ip', request: { address: `::ffff:${address}` }, key: address },
    { on: 'client_ip', request: { address: '2001:db8::1' }, key: '2001:db8::1' },
    { on: 'path', request: { target: '/a/b' }, key: '/a/b' },
    { on: 'path', request: { target: '/a/b?c=d' }, key: '/a/b' },
    { on: 'header:X-User', request: { headers: ['x-user', 'ann'] }, key: 'ann' },
    { on: 'header:x-user', request: { headers: ['x-user', 'ann', 'x-user', 'b'] }, key: 'ann' },
    { on: 'cookie:sid', request: { headers: ['cookie', 'sid=abc'] }, key: 'abc' },
    { on: 'cookie:sid', request: { headers: ['cookie', 'xsid=1; sid=abc; sidx=2'] }, key: 'abc' },
    { on: 'cookie:sid', request: { headers: ['cookie', 'a=sid=no;\tsid=a=b'] }, key: 'a=b' },
    { on: 'cookie:sid', request: { headers: ['cookie', 'sid=; sid=abc'] }, key: 'abc' },
    { on: 'cookie:sid', request: { headers: ['cookie', 'a=1', 'cookie', 'sid=abc'] }, key: 'abc' },
    { on: 'query:room', request: { target: '/chat?room=5' }, key: '5' },
    { on: 'query:room', request: { target: '/chat?x=1&room=5&y=2' }, key: '5' },
    { on: 'query:room', request: { target: '/room=7?bedroom=6&room=5' }, key: '5' },
  ])('by $on of $request is "$key"', ({ on, request, key }) => {
    expect(keyBy(on)(requestWith(request))).toBe(hashText(key))
  })

  it.each<{ on: string; request: RequestParts }>([
    { on: 'header:x-user', request: {} },
    { on: 'header:x-user', request: { headers: ['x-user', ''] } },
    { on: 'cookie:sid', request: {} },
    { on: 'cookie:sid', request: { headers: ['cookie', ''] } },
    { on: 'cookie:sid', request: { headers: ['cookie', 'Sid=1; sid'] } },
    { on: 'cookie:sid', request: { headers: ['cookie', 'sid=', 'cookie', '; ;'] } },
    { on: 'query:room', request: { target: '/chat' } },
    { on: 'query:room', request: { target: '/chat?room' } },
    { on: 'query:room', request: { target: '/chat?room=&x' } },
  ])('by $on that $request has not is the address of the client', ({ on, request }) => {
    expect(keyBy(on)(requestWith({ ...request, address }))).toBe(hashText(address))
  })

  it('that is missing can be another one each time', () => {
    const numbers = [0.25, 0.75]
    const key = createHashKey(
      { hash_on: 'cookie:sid', hash_missing: 'random' },
      () => numbers.shift() ?? 0,
    )

    expect([key(requestWith({})), key(requestWith({}))]).toEqual([2 ** 29, 3 * 2 ** 29])
  })

  it('is the address where a connection carries no requests', () => {
    expect(keyBy('path')(connectionFrom(address))).toBe(hashText(address))
    expect(keyBy('client_ip')(connectionFrom(address))).toBe(hashText(address))
  })
})

function keyBy(name: string): HashKey {
  return createHashKey({ hash_on: name, hash_missing: 'client_ip' }, Math.random)
}
