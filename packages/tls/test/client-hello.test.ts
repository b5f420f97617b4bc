import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ClientHello, ClientHelloReader, maxHelloBytes } from '../src/client-hello.ts'
import {
  extension,
  hello,
  helloMessage,
  realHello,
  records,
  serverNameExtension,
  vector,
} from './hellos.ts'

describe('a ClientHello', () => {
  it('of the smallest kind names its server', () => {
    expect(read(hello({ name: 'example.com' }))).toEqual({ serverName: 'example.com', alpn: [] })
  })

  it.each([
    { name: 'API.Example.COM', serverName: 'api.example.com' },
    { name: 'example.com.', serverName: 'example.com' },
    { name: 'xn--mnchen-3ya.de', serverName: 'xn--mnchen-3ya.de' },
    { name: '_svc.local', serverName: '_svc.local' },
  ])('with the name $name means $serverName', ({ name, serverName }) => {
    expect(read(hello({ name }))?.serverName).toBe(serverName)
  })

  it('tells what the client can speak', () => {
    const bytes = hello({ name: 'a.test', alpn: ['h2', 'http/1.1'] })

    expect(read(bytes)).toEqual({ serverName: 'a.test', alpn: ['h2', 'http/1.1'] })
  })

  it('may name no server', () => {
    expect(read(hello({ alpn: ['h2'] }))).toEqual({ serverName: undefined, alpn: ['h2'] })
    expect(read(hello({}))).toEqual({ serverName: undefined, alpn: [] })
  })

  it('of a real client is understood', async () => {
    const bytes = await realHello('api.example.com', ['h2', 'http/1.1'])

    expect(read(bytes)).toEqual({ serverName: 'api.example.com', alpn: ['h2', 'http/1.1'] })
  })

  it('is there as soon as its last byte is, and not before', () => {
    const bytes = hello({ name: 'example.com' })

    for (let length = 0; length < bytes.length; length++) {
      expect(new ClientHelloReader().read(bytes.subarray(0, length))).toBe(false)
    }
    expect(new ClientHelloReader().read(bytes)).toBe(true)
  })

  it('is the same in any pieces and records', () => {
    const message = helloMessage({ name: 'example.com', alpn: ['h2'] })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: message.length }),
        fc.array(fc.integer({ min: 1, max: 40 })),
        (size, steps) => {
          const bytes = Buffer.concat([records(message, size), Buffer.from('what follows')])
          const reader = new ClientHelloReader()
          let length = 0
          for (const step of steps) reader.read(bytes.subarray(0, (length += step)))
          reader.read(bytes)

          expect(reader.hello).toEqual({ serverName: 'example.com', alpn: ['h2'] })
        },
      ),
    )
  })
})

describe('what is no ClientHello', () => {
  it.each([
    ['another protocol, at the first byte', Buffer.from('S')],
    ['another version of records, at the second', Buffer.from([0x16, 2])],
    ['an empty record', Buffer.from([0x16, 3, 1, 0, 0])],
    ['a record that is too long', Buffer.from([0x16, 3, 1, 0x40, 1])],
    ['another message, at its first byte', Buffer.from([0x16, 3, 1, 0, 9, 2])],
    ['a message that is too long', Buffer.from([0x16, 3, 1, 0, 9, 1, 1, 0, 0])],
    ['an alert in between', Buffer.concat([records(Buffer.from([1, 0])), Buffer.from([0x15])])],
  ])('is known for that: %s', (_, bytes) => {
    const reader = new ClientHelloReader()

    expect(reader.read(bytes)).toBe(true)
    expect(reader.hello).toBeUndefined()
  })

  it.each([
    ['two names', hello({ extensions: [serverNameExtension(['a.test', 'b.test'])] })],
    [
      'two lists of names',
      hello({ name: 'a.test', extensions: [serverNameExtension(['b.test'])] }),
    ],
    ['a name of another type', hello({ extensions: [serverNameExtension(['a.test'], 1)] })],
    ['an empty name', hello({ name: '' })],
    ['a name with a zero', hello({ name: 'a.test\0.evil' })],
    ['a name with a space', hello({ name: 'a test' })],
    ['a name with an empty label', hello({ name: 'a..test' })],
    ['a name of 256 characters', hello({ name: 'a'.repeat(256) })],
    ['no list of names', hello({ extensions: [extension(0, Buffer.alloc(0))] })],
    ['bytes behind the names', hello({ extensions: [extension(0, trailing('a.test'))] })],
    ['an empty protocol', hello({ alpn: ['h2', ''] })],
    ['bytes behind the extensions', hello({ name: 'a.test', behind: 'x' })],
  ])('has no name that could be read in two ways: %s', (_, bytes) => {
    expect(read(bytes)).toBeUndefined()
  })

  it('is given up at 65,535 bytes', () => {
    const message = Buffer.alloc(maxHelloBytes, 1)
    message.writeUIntBE(maxHelloBytes - 4, 1, 3)
    const bytes = records(message, 100)
    const reader = new ClientHelloReader()

    expect(reader.read(bytes.subarray(0, maxHelloBytes - 1))).toBe(false)
    expect(reader.read(bytes.subarray(0, maxHelloBytes))).toBe(true)
    expect(reader.hello).toBeUndefined()
  })

  it('never throws, whatever is changed, left out or put in', () => {
    const bytes = hello({ name: 'example.com', alpn: ['h2', 'http/1.1'] })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(bytes.length),
        fc.uint8Array({ maxLength: 8 }),
        (changes, at, inserted) => {
          const changed = Buffer.from(bytes)
          for (const [index, value] of changes) changed[index] = value
          const mutated = Buffer.concat([changed.subarray(0, at), inserted, changed.subarray(at)])

          expectSound(mutated)
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('never throws for random bytes behind the head of a record', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (random) => {
        expectSound(records(Buffer.from([1, 0, 0, Math.min(255, random.length), ...random])))
      }),
      { numRuns: 5000 },
    )
  })
})

function read(bytes: Uint8Array): ClientHello | undefined {
  const reader = new ClientHelloReader()
  expect(reader.read(bytes)).toBe(true)
  return reader.hello
}

/** Pieces change nothing, and what is found may be shown to anybody. */
function expectSound(bytes: Buffer): void {
  const whole = new ClientHelloReader()
  whole.read(bytes)
  const pieces = new ClientHelloReader()
  for (let length = 0; length <= bytes.length; length++) pieces.read(bytes.subarray(0, length))
  expect(pieces.hello).toEqual(whole.hello)
  const { serverName = 'a', alpn = [] } = whole.hello ?? {}
  expect(serverName).toMatch(/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/)
  for (const protocol of alpn) expect(protocol).not.toBe('')
}

function trailing(name: string): Buffer {
  const names = Buffer.concat([Buffer.from([0]), vector(2, [name])])
  return Buffer.concat([vector(2, [names]), Buffer.from([0])])
}
