import { describe, expect, it } from 'vitest'
import { plainAddress, tryForwardedAddress } from '../src/index.ts'

describe('an element of X-Forwarded-For', () => {
  it.each([
    [' 192.0.2.1 ', '192.0.2.1'],
    ['192.0.2.1:80', '192.0.2.1'],
    ['2001:DB8:0::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:80', 'fe80::1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:c000:201', '192.0.2.1'],
  ])('%j is %s', (element, address) => {
    expect(tryForwardedAddress(element)).toBe(address)
  })

  it.each([
    '',
    'unknown',
    '_hidden',
    'example.com',
    '192.0.2',
    '192.0.2.1.5',
    '[::1',
    '1:2',
    '"::1"',
  ])('%j is no address', (element) => {
    expect(tryForwardedAddress(element)).toBeUndefined()
  })
})

describe('an address of a socket', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['fe80::1%lo', 'fe80::1'],
    ['::1', '::1'],
  ])('%s is %s', (address, plain) => {
    expect(plainAddress(address)).toBe(plain)
  })
})
