import { hexByte } from './percent.ts'

const plus = 0x2b
const percent = 0x25
const space = 0x20

/** Looks at one parameter, whose value stands in the target from `start` to `end`, still encoded. */
export type ValueTest = (target: string, start: number, end: number) => boolean

/**
 * True if a parameter of this name has a value that the test accepts. Walks over the query of the
 * target without cutting it up.
 * @param key Decoded, one character per byte.
 */
export function someValue(target: string, key: string, test: ValueTest): boolean {
  const fragment = target.indexOf('#')
  const length = fragment < 0 ? target.length : fragment
  const question = target.indexOf('?')
  if (question < 0) return false
  for (let start = question + 1; start < length; ) {
    const ampersand = target.indexOf('&', start)
    const end = ampersand < 0 || ampersand > length ? length : ampersand
    const equals = target.indexOf('=', start)
    const keyEnd = equals < 0 || equals > end ? end : equals
    if (spells(target, start, keyEnd, key) && test(target, Math.min(keyEnd + 1, end), end)) {
      return true
    }
    start = end + 1
  }
  return false
}

/** True if the text from `start` to `end` decodes to `expected`. */
export function spells(text: string, start: number, end: number, expected: string): boolean {
  let at = start
  for (let i = 0; i < expected.length; i++) {
    if (at >= end) return false
    let code = text.charCodeAt(at)
    if (code === percent) {
      code = at + 2 < end ? hexByte(text, at + 1) : -1
      at += 2
    } else if (code === plus) code = space
    if (code !== expected.charCodeAt(i)) return false
    at++
  }
  return at === end
}

/** True if the text from `start` to `end` means something else than it says. */
export function isEncoded(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code === percent || code === plus) return true
  }
  return false
}

/** The decoded text, one character per byte; `undefined` if an escape is malformed. */
export function tryDecodeValue(text: string): string | undefined {
  let decoded = ''
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i)
    if (code === percent) {
      code = hexByte(text, i + 1)
      if (code < 0) return undefined
      i += 2
    } else if (code === plus) code = space
    decoded += String.fromCharCode(code)
  }
  return decoded
}
