import { isIPv6 } from 'node:net'
import { at, Byte, Class, is } from './tables.ts'

const { colon, leftBracket, rightBracket, zero } = Byte
const { digit, host } = Class

/**
 * Whether `buf[start, end)` is `uri-host [ ":" port ]` (RFC 9110 section 7.2).
 *
 * Stricter than the grammar where peers are known to read it differently: no user information, no
 * percent-encoding, no `sub-delims`, no IPvFuture, no zone, no empty host, no empty port.
 *
 * @param needsPort True for the target of CONNECT, which has no default port.
 */
export function isAuthority(buf: Buffer, start: number, end: number, needsPort: boolean): boolean {
  const hostEnd = hostEndOf(buf, start, end)
  if (hostEnd === start) return false
  if (hostEnd === end) return !needsPort
  return at(buf, hostEnd) === colon && isPort(buf, hostEnd + 1, end)
}

/** Where the host ends; `start` if there is none. */
function hostEndOf(buf: Buffer, start: number, end: number): number {
  if (start < end && at(buf, start) === leftBracket) return literalEndOf(buf, start, end)
  let pos = start
  while (pos < end && is(buf, pos, host)) pos++
  return pos
}

function literalEndOf(buf: Buffer, start: number, end: number): number {
  let pos = start + 1
  while (pos < end && at(buf, pos) !== rightBracket) pos++
  if (pos === end) return start
  const address = buf.toString('latin1', start + 1, pos)
  return isIPv6(address) && !address.includes('%') ? pos + 1 : start
}

function isPort(buf: Buffer, start: number, end: number): boolean {
  if (start === end || end - start > 5) return false
  let port = 0
  for (let pos = start; pos < end; pos++) {
    if (!is(buf, pos, digit)) return false
    port = port * 10 + at(buf, pos) - zero
  }
  return port <= 0xffff
}
