/**
 * Generators of valid messages.
 *
 * @module
 */
import fc from 'fast-check'

const tokenCharacters =
  "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
/** Fields that mean something to the parser; generated apart. */
const reserved =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|expect|te|trailer|keep-alive|proxy-.*|http2-settings)$/i

const token = fc.string({
  unit: fc.constantFrom(...tokenCharacters.split('')),
  minLength: 1,
  maxLength: 12,
})
const valueByte = fc.integer({ min: 0x20, max: 0xff }).filter((byte) => byte !== 0x7f)
const visibleByte = valueByte.filter((byte) => byte !== 0x20)

export const method: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'),
  token.filter((text) => text !== 'CONNECT'),
)

export const target: fc.Arbitrary<string> = fc
  .array(
    fc.integer({ min: 0x21, max: 0x7e }).filter((byte) => byte !== 0x23),
    { maxLength: 40 },
  )
  .map((bytes) => `/${String.fromCharCode(...bytes)}`)

export const host: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      fc.stringMatching(/^[\w.~-]{1,20}$/).map((text) => text.replaceAll(/[^\w.~-]/g, 'x')),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
    ),
    fc.option(fc.integer({ min: 0, max: 65535 })),
  )
  .map(([name, port]) => (port === null ? name : `${name}:${port}`))

export const fieldName: fc.Arbitrary<string> = token.filter((name) => !reserved.test(name))

/** Without white space at its ends. */
export const fieldValue: fc.Arbitrary<string> = fc
  .tuple(fc.array(fc.oneof(valueByte, fc.constant(9)), { maxLength: 30 }), visibleByte)
  .map(([bytes, last]) =>
    bytes.length === 0 ? '' : String.fromCharCode(last, ...bytes.slice(1), last),
  )

export const fields: fc.Arbitrary<[name: string, value: string][]> = fc.array(
  fc.tuple(fieldName, fieldValue),
  { maxLength: 8 },
)

export const body: fc.Arbitrary<string> = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 })
  .map((bytes) => String.fromCharCode(...bytes))

/** White space that may stand around a value. */
export const blanks: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(' ', '\t'),
  maxLength: 3,
})

/** A body in chunks. */
export function chunkedBody(data: string, sizes: readonly number[], trailers: string): string {
  let coded = ''
  let at = 0
  for (const size of [...sizes.filter((each) => each > 0), Math.max(1, data.length)]) {
    const piece = data.slice(at, at + size)
    at += piece.length
    if (piece !== '') coded += `${piece.length.toString(16)}\r\n${piece}\r\n`
  }
  return `${coded}0\r\n${trailers}\r\n`
}

/** The bytes in pieces of these sizes; the last one has the rest. */
export function split(bytes: string, sizes: readonly number[]): Buffer[] {
  const buf = Buffer.from(bytes, 'latin1')
  const pieces: Buffer[] = []
  let at = 0
  for (const size of sizes) {
    if (at >= buf.length) break
    pieces.push(buf.subarray(at, at + size))
    at += size
  }
  pieces.push(buf.subarray(at))
  return pieces
}
