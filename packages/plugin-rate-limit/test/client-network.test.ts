import { describe, expect, it } from 'vitest'
import { clientNetwork } from '../src/key/client-network.ts'

describe('the network of a client', () => {
  it.each([
    { address: '192.0.2.1', bits: 64, network: '192.0.2.1' },
    { address: '2001:db8:1:2:3:4:5:6', bits: 64, network: '2001:db8:1:2::/64' },
    { address: '2001:db8:1:2::9', bits: 64, network: '2001:db8:1:2::/64' },
    { address: '2001:DB8:0001:2::9', bits: 64, network: '2001:db8:1:2::/64' },
    { address: '2001:db8:1:ffff::', bits: 56, network: '2001:db8:1:ff00::/56' },
    { address: '2001:db8:ffff::1', bits: 33, network: '2001:db8:8000::/33' },
    { address: '::1', bits: 64, network: '0:0:0:0::/64' },
    { address: '::1', bits: 128, network: '0:0:0:0:0:0:0:1::/128' },
    { address: 'fe80::1%eth0', bits: 64, network: 'fe80:0:0:0::/64' },
    { address: '64:ff9b::192.0.2.1', bits: 128, network: '64:ff9b:0:0:0:0:c000:201::/128' },
    { address: '::ffff:192.0.2.1', bits: 64, network: '192.0.2.1' },
    { address: '::ffff:c000:201', bits: 64, network: '192.0.2.1' },
    { address: '', bits: 64, network: '' },
  ])('of $address is $network', ({ address, bits, network }) => {
    expect(clientNetwork(address, bits)).toBe(network)
  })
})
