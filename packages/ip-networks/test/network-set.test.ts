import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IpAddress, NetworkSet, tryNetwork } from '../src/index.ts'

describe('a network', () => {
  it.each([
    '10.0.0.1',
    '10.0.0.0/8',
    '10.1.2.3/8',
    '0.0.0.0/0',
    ' 10.0.0.0/8 ',
    '::1',
    'fd00::/8',
    '::/0',
    '::ffff:10.0.0.0/104',
    '10.0.0.1-10.0.0.9',
    '2001:db8::1 - 2001:db8::ffff',
    '::ffff:10.0.0.1-10.0.0.9',
  ])('may be written as "%s"', (text) => {
    expect(tryNetwork(text)).toBeDefined()
  })

  it.each([
    '',
    'localhost',
    '10.0.0.256',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0',
    '010.0.0.1',
    '::1/129',
    'fe80::1%eth0',
    '10.0.0.9-10.0.0.1',
    '10.0.0.1-::1',
    '10.0.0.1-',
    '-10.0.0.1',
    '10.0.0.0/8-10.0.0.9',
    '1-2-3',
  ])('is not written as "%s"', (text) => {
    expect(tryNetwork(text)).toBeUndefined()
  })
})

describe('a set of networks', () => {
  it.each([
    [['10.0.0.1'], '10.0.0.1', true],
    [['10.0.0.1'], '10.0.0.2', false],
    [['192.168.1.0/24'], '192.168.1.255', true],
    [['192.168.1.0/24'], '192.168.2.0', false],
    [['172.16.0.0/12'], '172.20.5.10', true],
    [['10.0.0.5/8'], '10.255.0.0', true],
    [['10.0.0.0/8'], '::ffff:10.0.0.1', true],
    [['10.0.0.0/8'], '::ffff:a00:1', true],
    [['::ffff:10.0.0.0/104'], '10.9.9.9', true],
    [['::1', 'fd00::/8'], '::1', true],
    [['::1', 'fd00::/8'], 'fdff::1', true],
    [['::1', 'fd00::/8'], 'fe00::1', false],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['::/0'], '10.0.0.1', false],
    [['0.0.0.0/0'], '255.255.255.255', true],
    [['0.0.0.0/0'], '::1', false],
    [['10.0.0.3-10.0.0.5'], '10.0.0.2', false],
    [['10.0.0.3-10.0.0.5'], '10.0.0.3', true],
    [['10.0.0.3-10.0.0.5'], '10.0.0.5', true],
    [['10.0.0.3-10.0.0.5'], '10.0.0.6', false],
    [['0.0.0.0/0', '::/0'], 'not-an-ip', false],
    [['0.0.0.0/0', '::/0'], '', false],
    [[], '10.0.0.1', false],
  ])('%j and %s: %s', (texts, address, held) => {
    expect(setOf(texts).has(address)).toBe(held)
  })

  it('makes one of networks that overlap', () => {
    const set = setOf(['10.0.0.0/9', '10.0.0.0/8', '10.1.0.0/16', '10.255.0.0-11.0.0.1', '::1'])

    expect(set.size).toBe(2)
    expect(set.has('10.200.0.1')).toBe(true)
    expect(set.has('11.0.0.1')).toBe(true)
    expect(set.has('11.0.0.2')).toBe(false)
  })

  it.each(['ipv4', 'ipv6'] as const)('holds what a BlockList of Node holds: %s', (family) => {
    const address = family === 'ipv4' ? fc.ipV4() : fc.ipV6()
    const network = fc.tuple(address, fc.integer({ min: 0, max: family === 'ipv4' ? 32 : 128 }))
    const networks = fc.array(network, { maxLength: 20 })

    fc.assert(
      fc.property(networks, fc.array(address, { maxLength: 5 }), (sample, probes) => {
        const list = new BlockList()
        for (const [first, bits] of sample) list.addSubnet(first, bits, family)
        const set = setOf(sample.map(([first, bits]) => `${first}/${bits}`))

        // A random address is hardly ever in a random network; the network's own one always is.
        for (const text of [...probes, ...sample.map(([own]) => own)]) {
          // Node compares mapped addresses differently, which the table above covers.
          if (isMapped(text)) continue
          expect(set.has(text), text).toBe(list.check(text, family))
        }
      }),
    )
  })

  it('finds each of 10,000 networks, and none of their neighbours', () => {
    const texts: string[] = []
    for (let i = 0; i < 5000; i++) texts.push(`10.${i >> 8}.${i & 255}.16/28`)
    for (let i = 0; i < 5000; i++) texts.push(`2001:db8:${i.toString(16)}:10::/60`)

    const set = setOf(texts)

    expect(set.size).toBe(10_000)
    const wrong: string[] = []
    const isHeld = (address: string, held: boolean): void => {
      if (set.has(address) !== held) wrong.push(address)
    }
    for (let i = 0; i < 5000; i++) {
      const ipv4 = `10.${i >> 8}.${i & 255}`
      const ipv6 = `2001:db8:${i.toString(16)}`
      for (const last of [16, 31]) isHeld(`${ipv4}.${last}`, true)
      for (const last of [15, 32]) isHeld(`${ipv4}.${last}`, false)
      for (const last of ['10::', '1f:ffff::']) isHeld(`${ipv6}:${last}`, true)
      for (const last of ['f::1', '20::']) isHeld(`${ipv6}:${last}`, false)
    }
    expect(wrong).toEqual([])
  })
})

function setOf(texts: readonly string[]): NetworkSet {
  return new NetworkSet(
    texts.map((text) => tryNetwork(text)).filter((network) => network !== undefined),
  )
}

function isMapped(text: string): boolean {
  const address = new IpAddress()
  return text.includes(':') && address.read(text) && address.isIpv4
}
