import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IpAddress } from '../src/index.ts'

function read(text: string): string | undefined {
  const address = new IpAddress()
  return address.read(text) ? Buffer.from(address.bytes).toString('hex') : undefined
}

describe('IpAddress', () => {
  it.each([
    ['10.0.0.1', '00000000000000000000ffff0a000001'],
    ['::ffff:10.0.0.1', '00000000000000000000ffff0a000001'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['1::', '00010000000000000000000000000000'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['2001:DB8::a:0', '20010db80000000000000000000a0000'],
    ['64:ff9b::192.0.2.1', '0064ff9b0000000000000000c0000201'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ])('reads %s', (text, hex) => {
    expect(read(text)).toBe(hex)
  })

  it('reads what Node takes for an address, and nothing else', () => {
    const pieces = fc.constantFrom(':', '::', '.', '0', '1', '12', 'ab', 'ffff', '255', '256', '01')
    const texts = fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join(''))

    fc.assert(
      fc.property(fc.oneof(texts, fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        fc.pre(!text.includes('%'))
        expect(read(text) !== undefined).toBe(isIP(text) !== 0)
      }),
      { numRuns: 2000 },
    )
  })

  it('can be filled again', () => {
    const address = new IpAddress()

    expect(address.read('ffff:ffff::ffff')).toBe(true)
    expect(address.read('nonsense')).toBe(false)
    expect(address.read('1.2.3.4')).toBe(true)
    expect(Buffer.from(address.bytes).toString('hex')).toBe('00000000000000000000ffff01020304')
  })
})
