import { describe, expect, it } from 'vitest'
import { addressesConflict, tryAddress } from '../src/address.ts'
import type { ListenAddress } from '../src/protocol.ts'

describe('an address', () => {
  it.each([
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['0.0.0.0:8080', '0.0.0.0', 8080],
    [':443', undefined, 443],
    ['[::1]:80', '::1', 80],
    ['[::]:0', '::', 0],
    ['[::ffff:10.0.0.1]:1', '::ffff:10.0.0.1', 1],
    ['localhost:65535', 'localhost', 65_535],
    ['gateway.internal:1', 'gateway.internal', 1],
  ])('has a host and a port: %s', (text, host, port) => {
    expect(tryAddress(text)).toEqual({ host, port })
  })

  it.each([
    '',
    '80',
    'host',
    'host:',
    'host:http',
    'host:65536',
    'host:-1',
    'host:80 ',
    ' host:80',
    'ho st:80',
    '::1:80',
    '[::1]',
    '[127.0.0.1]:80',
    '[::1:80',
    '[]:80',
    'http://host:80',
    'host:80/path',
    'user@[::1]:80',
  ])('is refused: %j', (text) => {
    expect(tryAddress(text)).toBeUndefined()
  })
})

describe('two addresses', () => {
  it.each([
    ['127.0.0.1:80', '127.0.0.1:80'],
    [':80', '127.0.0.1:80'],
    ['[::1]:80', ':80'],
    ['0.0.0.0:80', '10.0.0.1:80'],
    ['0.0.0.0:80', 'localhost:80'],
    ['[::]:80', '0.0.0.0:80'],
    ['[::]:80', '127.0.0.1:80'],
  ])('conflict: %s and %s', (a, b) => {
    expect([
      addressesConflict(parsed(a), parsed(b)),
      addressesConflict(parsed(b), parsed(a)),
    ]).toEqual([true, true])
  })

  it.each([
    ['127.0.0.1:80', '127.0.0.1:81'],
    ['127.0.0.1:80', '127.0.0.2:80'],
    ['0.0.0.0:80', '[::1]:80'],
    ['127.0.0.1:0', '127.0.0.1:0'],
    [':0', ':0'],
  ])('do not conflict: %s and %s', (a, b) => {
    expect([
      addressesConflict(parsed(a), parsed(b)),
      addressesConflict(parsed(b), parsed(a)),
    ]).toEqual([false, false])
  })
})

function parsed(text: string): ListenAddress {
  const address = tryAddress(text)
  if (address === undefined) throw new Error(`"${text}" is no address`)
  return address
}
