import { BlockList, SocketAddress } from 'node:net'
import { describe, expect, it } from 'vitest'
import { clientNetworkOf } from '../src/index.ts'

describe('the network of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8:1::6', '2001:db8:1:0::/64'],
    ['2001:DB8:01:0002::1', '2001:db8:1:2::/64'],
    ['2001::1:2:3:4:5', '2001:0:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['::2:3:4:5:192.0.2.7', '0:0:2:3::/64'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['', ''],
  ])('%s is %s', (address, network) => {
    expect(clientNetworkOf(address)).toBe(network)
  })

  it.each([
    ['192.0.2.7', 8, '192.0.2.7'],
    ['2001:db8:1:ffff::', 56, '2001:db8:1:ff00::/56'],
    ['2001:db8:ffff::1', 33, '2001:db8:8000::/33'],
    ['::1', 128, '0:0:0:0:0:0:0:1::/128'],
    ['64:ff9b::192.0.2.1', 128, '64:ff9b:0:0:0:0:c000:201::/128'],
  ])('%s with %i bits is %s', (address, bits, network) => {
    expect(clientNetworkOf(address, bits)).toBe(network)
  })

  it('is one that the address is in, however it is written', () => {
    // Every group is zero or not, so that the system shortens each address in its own place.
    for (let zeros = 0; zeros < 256; zeros++) {
      const groups = Array.from({ length: 8 }, (_, i) => ((zeros >> i) % 2 === 0 ? '0' : 'a1'))
      const { address } = new SocketAddress({ address: groups.join(':'), family: 'ipv6' })

      const network = clientNetworkOf(address)
      const [prefix = ''] = network.split('::/64')
      const list = new BlockList()
      list.addSubnet(`${prefix}:0:0:0:0`, 64, 'ipv6')

      expect(list.check(address, 'ipv6'), address).toBe(true)
    }
  })
})
