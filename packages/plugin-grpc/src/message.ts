/**
 * How a text stands in `grpc-message`: UTF-8, percent-encoded.
 *
 * @module
 */

const hexadecimal = /^[0-9a-fA-F]{2}$/

/** Everything but printable ASCII other than `%` is encoded. */
export function encodeMessage(text: string): string {
  if (/^[\x20-\x24\x26-\x7e]*$/.test(text)) return text
  let encoded = ''
  for (const byte of Buffer.from(text)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    encoded += plain ? String.fromCharCode(byte) : `%${hex(byte)}`
  }
  return encoded
}

/** Never fails: what is not encoded well stays as it is, as the specification asks for. */
export function decodeMessage(text: string): string {
  if (!text.includes('%')) return text
  const bytes: number[] = []
  for (let i = 0; i < text.length; i++) {
    const digits = text.slice(i + 1, i + 3)
    if (text[i] === '%' && hexadecimal.test(digits)) {
      bytes.push(Number.parseInt(digits, 16))
      i += 2
    } else bytes.push(text.charCodeAt(i) & 0xff)
  }
  return Buffer.from(bytes).toString('utf8')
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}
