/**
 * The bytes of a text in UTF-8, as a string with one character per byte. Requests are made of such
 * strings, so literals of rules are turned into them once, when they are compiled.
 */
export function byteString(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
