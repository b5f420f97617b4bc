import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Network, NetworkMap, NetworkSet, tryNetwork } from '../src/index.ts'

describe('a map of networks', () => {
  it.each([
    ['10.1.2.3', 'narrow'],
    ['10.1.3.1', 'middle'],
    ['10.2.0.0', 'wide'],
    ['10.255.255.255', 'wide'],
    ['11.0.0.0', undefined],
    ['::ffff:10.1.2.3', 'narrow'],
    ['::ffff:a01:203', 'narrow'],
    ['255.255.255.255', 'last'],
    ['2001:db8::1', 'documentation'],
    ['2001:db8:8000::', 'upper half'],
    ['fe80::1%eth0', 'link'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'everything'],
    ['::', 'everything'],
    ['192.0.2.1', undefined],
    ['nonsense', undefined],
    ['', undefined],
  ])('knows of %s what the most specific network says: %s', (address, expected) => {
    const map = mapOf({
      '10.0.0.0/8': 'wide',
      '10.1.2.0/24': 'narrow',
      '10.1.0.0/16': 'middle',
      '255.255.255.255': 'last',
      '::/0': 'everything',
      '2001:db8::/32': 'documentation',
      '2001:db8:8000::/33': 'upper half',
      'fe80::/10': 'link',
    })

    expect(map.get(address)).toBe(expected)
  })

  it('takes the last one of the same network, and of ranges that overlap the later', () => {
    const map = new NetworkMap([
      [network('10.0.0.0/24'), 'first'],
      [network('10.0.0.0-10.0.0.255'), 'second'],
      [network('192.0.2.0-192.0.2.9'), 'early'],
      [network('192.0.2.5-192.0.2.20'), 'late'],
    ])

    expect(map.get('10.0.0.7')).toBe('second')
    expect(['192.0.2.4', '192.0.2.5', '192.0.2.9', '192.0.2.20'].map((a) => map.get(a))).toEqual([
      'early',
      'late',
      'late',
      'late',
    ])
  })

  it('may be empty, or say that nothing is known', () => {
    expect(new NetworkMap([]).get('10.0.0.1')).toBeUndefined()
    expect(new NetworkMap([[network('10.0.0.1'), undefined]]).get('10.0.0.1')).toBeUndefined()
  })

  it.each([
    ['IPv4', fc.ipV4(), 32],
    ['IPv6', fc.ipV6(), 128],
  ])('says the same as asking every network in turn: %s', (_family, address, bits) => {
    // Few enough prefixes that networks lie in each other, and close enough that they meet.
    const near = fc.tuple(fc.constantFrom('0.0.0', '10.0.0', '255.255.255'), fc.nat(255))
    const text = bits === 32 ? near.map(([a, b]) => `${a}.${b}`) : near.map(([a, b]) => six(a, b))
    const any = fc.oneof(text, text, address)
    const block = fc.tuple(any, fc.integer({ min: bits - 32, max: bits })).map((p) => p.join('/'))
    const range = fc.tuple(text, text).map(([a, b]) => `${a}-${b}`)
    const networks = fc.array(fc.oneof(block, block, range), { maxLength: 24 })
    fc.assert(
      fc.property(networks, fc.array(any, { minLength: 1 }), (texts, addresses) => {
        const entries = texts.flatMap((entry, value): [Network, number][] => {
          const read = tryNetwork(entry)
          return read === undefined ? [] : [[read, value % 5]]
        })
        const map = new NetworkMap(entries)

        for (const one of addresses) expect(map.get(one)).toBe(naive(entries, one))
      }),
      { numRuns: 400 },
    )
  })

  it('finds each of half a million networks', () => {
    const entries = Array.from({ length: 500_000 }, (_, i): [Network, number] => [
      { ipv4: true, first: mapped(i, 0), last: mapped(i, 127) },
      i,
    ])
    const map = new NetworkMap(entries)

    for (let i = 0; i < 500_000; i += 997) {
      const start = `${i >> 16}.${(i >> 8) & 255}.${i & 255}`
      expect(map.get(`${start}.127`)).toBe(i)
      expect(map.get(`${start}.128`)).toBeUndefined()
    }
  })
})

/** The one that begins last; of these, the one that ends first; of these, the last one. */
function naive(entries: readonly [Network, number][], address: string): number | undefined {
  const holding = entries.filter(([one]) => new NetworkSet([one]).has(address))
  const [best] = holding
    .toReversed()
    .toSorted(([a], [b]) => Buffer.compare(b.first, a.first) || Buffer.compare(a.last, b.last))
  return best?.[1]
}

function mapOf(values: Readonly<Record<string, string>>): NetworkMap<string> {
  return new NetworkMap(Object.entries(values).map(([text, value]) => [network(text), value]))
}

function network(text: string): Network {
  const read = tryNetwork(text)
  if (read === undefined) throw new Error(`no network: ${text}`)
  return read
}

/** An IPv4 address whose first three bytes are a number. */
function mapped(high: number, last: number): Uint8Array {
  return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, high >> 16, high >> 8, high, last)
}

function six(start: string, last: number): string {
  if (start === '0.0.0') return `::${last.toString(16)}`
  const group = start === '10.0.0' ? '2001:db8::' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff'
  return `${group}${last.toString(16).padStart(2, '0')}`
}
