import { describe, expect, it } from 'vitest'
import { TrustedPeers } from '../src/trusted-peers.ts'

describe('trusted peers', () => {
  const some = new TrustedPeers(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'], false)

  it.each([
    ['10.1.2.3', true],
    ['11.0.0.1', false],
    ['192.0.2.1', true],
    ['192.0.2.2', false],
    ['2001:db8:1::1', true],
    ['2001:db9::1', false],
    ['::ffff:10.0.0.1', true],
    ['unix', false],
    ['', false],
  ])('%s: %s', (address, trusted) => {
    expect(some.has(address)).toBe(trusted)
  })

  it('are none without a list, and all if that is asked for', () => {
    expect(new TrustedPeers([], false).has('127.0.0.1')).toBe(false)
    expect(new TrustedPeers([], true).has('198.51.100.1')).toBe(true)
  })

  it.each([
    [['198.51.100.7'], '198.51.100.7'],
    [['198.51.100.7, 10.0.0.1'], '198.51.100.7'],
    [['203.0.113.9, 198.51.100.7, 10.0.0.1'], '198.51.100.7'],
    [['198.51.100.7', '10.0.0.1, 10.0.0.2'], '198.51.100.7'],
    [['10.0.0.1, 10.0.0.2'], '10.0.0.1'],
    [['198.51.100.7, unknown, 10.0.0.1'], '10.0.0.1'],
    [['198.51.100.7, , 10.0.0.1'], '198.51.100.7'],
    [['198.51.100.7,,'], '198.51.100.7'],
    [[',', '198.51.100.7', '\t, ,10.0.0.1 ,'], '198.51.100.7'],
    [[', ,'], '10.9.9.9'],
    [['unknown'], '10.9.9.9'],
    [[], '10.9.9.9'],
    [['[2001:db9::7]:4711, 10.0.0.1'], '2001:db9::7'],
    [['198.51.100.7:4711'], '198.51.100.7'],
    [['::ffff:198.51.100.7'], '198.51.100.7'],
    [['198.51.100.7, 2001:db8::9%eth0'], '198.51.100.7'],
  ])('lead from %j to the client %s', (lines, client) => {
    expect(some.clientOf(lines, '10.9.9.9')).toBe(client)
  })
})
