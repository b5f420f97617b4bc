import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ProxiedEnds, readProxyHeader } from '../src/proxy-header.ts'
import { writeProxyHeader } from '../src/proxy-header-writer.ts'

const ipv4: ProxiedEnds = {
  sourceAddress: '192.0.2.1',
  sourcePort: 56_324,
  destinationAddress: '198.51.100.7',
  destinationPort: 443,
}
const ipv6: ProxiedEnds = { ...ipv4, sourceAddress: '2001:db8::1', destinationAddress: '::1' }
const signature = '\r\n\r\n\0\r\nQUIT\n'

describe('a PROXY header', () => {
  it('is written as the specification shows', () => {
    expect(writeProxyHeader('v1', ipv4).toString()).toBe(
      'PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n',
    )
    expect(writeProxyHeader('v1', ipv6).toString()).toBe('PROXY TCP6 2001:db8::1 ::1 56324 443\r\n')
    expect(writeProxyHeader('v2', ipv4).toString('hex')).toBe(
      `${Buffer.from(signature).toString('hex')}2111000cc0000201c6336407dc0401bb`,
    )
    expect(writeProxyHeader('v1', undefined).toString()).toBe('PROXY UNKNOWN\r\n')
  })

  it('has both addresses in one family', () => {
    const mixed = { ...ipv4, destinationAddress: '::1' }

    expect(writeProxyHeader('v1', mixed).toString()).toBe(
      'PROXY TCP6 ::ffff:192.0.2.1 ::1 56324 443\r\n',
    )
    expect(readProxyHeader(writeProxyHeader('v2', mixed))).toMatchObject({ ends: mixed })
  })

  it.each(['v1', 'v2'] as const)('says the same once it is read: %s', (version) => {
    fc.assert(
      fc.property(ends(), fc.uint8Array({ maxLength: 20 }), (given, after) => {
        const header = writeProxyHeader(version, given)
        const bytes = Buffer.concat([header, after])

        expect(readProxyHeader(bytes)).toEqual({
          state: 'complete',
          length: header.length,
          ends: given,
        })
        for (let length = 0; length < header.length; length++) {
          expect(readProxyHeader(bytes.subarray(0, length))).toEqual({ state: 'partial' })
        }
      }),
    )
  })

  it.each([
    ['PROXY UNKNOWN\r\n', 15],
    ['PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\nmore', 43],
    [`${signature}\x20\0\0\0`, 16],
    [`${signature}\x20\x11\0\x02ab`, 18],
    [`${signature}\x21\0\0\x03abc`, 19],
    [`${signature}\x21\x12\0\x0c${'\0'.repeat(12)}`, 28],
    [`${signature}\x21\x31\0\xd8${'\0'.repeat(216)}`, 232],
  ])('may keep quiet about the client: %j', (text, length) => {
    const bytes = Buffer.from(text, 'latin1')

    expect(readProxyHeader(bytes)).toEqual({ state: 'complete', length, ends: undefined })
  })

  it('may have further fields', () => {
    const text = `${signature}\x21\x11\0\x13\x01\x02\x03\x04\x05\x06\x07\x08\0\x50\0\x51\x04\0\x04abcd`

    expect(readProxyHeader(Buffer.from(text, 'latin1'))).toEqual({
      state: 'complete',
      length: 35,
      ends: {
        sourceAddress: '1.2.3.4',
        sourcePort: 80,
        destinationAddress: '5.6.7.8',
        destinationPort: 81,
      },
    })
  })

  it.each([
    'GET / HTTP/1.1\r\n\r\n',
    'proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n',
    'PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n',
    'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n',
    'PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n',
    'PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n',
    'PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n',
    'PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n',
    'PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n',
    'PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n',
    'PROXY TCP4 1.2.3.4 5.6.7.08 1 2\r\n',
    'PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n',
    'PROXY TCP4 ::1 ::1 1 2\r\n',
    'PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n',
    'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n',
    'PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n',
    'PROXY \r\n',
    `PROXY UNKNOWN ${'x'.repeat(107)}`,
    `${signature}\x11\x11\0\x0c`,
    `${signature}\x22\x11\0\x0c`,
    `${signature}\x21\x13\0\x0c`,
    `${signature}\x21\x11\0\x0b`,
    `${signature}\x21\x21\0\x23`,
    `${signature}\x21\x11\x10\x01`,
    `${signature}\x21\x11\0\x0e${'\0'.repeat(14)}`,
    `${signature}\x21\x11\0\x10${'\0'.repeat(15)}\x01`,
  ])('is not valid: %j', (text) => {
    expect(readProxyHeader(Buffer.from(text, 'latin1'))).toMatchObject({ state: 'invalid' })
  })

  it('is never read past its end, whatever is changed, left out or put in', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(ipv4, ipv6),
        fc.constantFrom('v1', 'v2'),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.nat(),
        fc.uint8Array({ maxLength: 6 }),
        (given, version, changes, cut, inserted) => {
          const bytes = writeProxyHeader(version, given)
          for (const [index, value] of changes) bytes[index % bytes.length] = value
          const at = cut % bytes.length
          const mutated = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)])

          const header = readProxyHeader(mutated)

          const length = header.state === 'complete' ? header.length : 0
          expect(length).toBeLessThanOrEqual(mutated.length)
        },
      ),
      { numRuns: 5000 },
    )
  })
})

function ends(): fc.Arbitrary<ProxiedEnds> {
  const port = fc.nat(65_535)
  const pair = fc.oneof(fc.tuple(fc.ipV4(), fc.ipV4()), fc.tuple(systemIpv6(), systemIpv6()))
  return fc.tuple(pair, port, port).map(([[from, to], sourcePort, destinationPort]) => ({
    sourceAddress: from,
    sourcePort,
    destinationAddress: to,
    destinationPort,
  }))
}

/** In the form in which systems write it: small letters, no leading zeros, nothing to leave out. */
function systemIpv6(): fc.Arbitrary<string> {
  const group = fc.integer({ min: 1, max: 0xffff }).map((value) => value.toString(16))
  return fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'))
}
