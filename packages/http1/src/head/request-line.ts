import { Fault, http2Preface, incomplete } from '../faults.ts'
import type { Http1Limits } from '../limits.ts'
import { methodOf } from '../syntax/methods.ts'
import { at, Byte, Class } from '../syntax/tables.ts'
import type { Head } from './head.ts'
import { parseLineEnd, parseVersion } from './lines.ts'
import { skip } from './scan.ts'

const { cr, lf, space } = Byte
const { target, token } = Class

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\n')

/**
 * Parses `method SP target SP version CR LF` (RFC 9112 section 3), after at most one empty line.
 *
 * @returns Where the first field line begins, or `incomplete`, `http2Preface`, or a fault.
 */
export function parseRequestLine(
  buf: Buffer,
  start: number,
  end: number,
  head: Head,
  limits: Http1Limits,
): number {
  const methodStart = skipEmptyLine(buf, start, end)
  const methodEnd = skip(buf, methodStart, end, token)
  if (methodEnd - methodStart > limits.methodBytes) return Fault.methodTooLong
  if (methodEnd === end) return incomplete
  if (at(buf, methodEnd) !== space || methodEnd === methodStart) {
    return methodFault(buf, methodStart, end)
  }
  const targetStart = methodEnd + 1
  const targetEnd = skip(buf, targetStart, end, target)
  if (targetEnd - targetStart > limits.targetBytes) return Fault.targetTooLong
  if (targetEnd === end) return incomplete
  if (at(buf, targetEnd) !== space || targetEnd === targetStart) {
    return targetFault(buf, targetStart, targetEnd)
  }
  const version = parseVersion(buf, targetEnd + 1, end)
  if (version === Fault.unsupportedVersion) return versionFault(buf, start, end)
  if (version <= 0) return version
  const next = parseLineEnd(buf, targetEnd + 9, end, Fault.badVersion)
  if (next <= 0) return next
  head.minor = version - 10
  head.method = methodOf(buf, methodStart, methodEnd)
  head.methodStart = methodStart - start
  head.methodEnd = methodEnd - start
  head.targetStart = targetStart - start
  head.targetEnd = targetEnd - start
  return next
}

/** RFC 9112 section 2.2: some clients send CR LF after a body; one is ignored. */
function skipEmptyLine(buf: Buffer, start: number, end: number): number {
  const empty = end - start >= 2 && at(buf, start) === cr && at(buf, start + 1) === lf
  return empty ? start + 2 : start
}

function methodFault(buf: Buffer, methodStart: number, end: number): number {
  // The first half of an empty line; the rest may still come.
  if (methodStart + 1 === end && at(buf, methodStart) === cr) return incomplete
  // A TLS record with a handshake (RFC 8446 section 5.1).
  const isTls =
    at(buf, methodStart) === 0x16 && (methodStart + 1 === end || at(buf, methodStart + 1) === 0x03)
  return isTls ? Fault.unexpectedTls : Fault.badMethod
}

function targetFault(buf: Buffer, targetStart: number, targetEnd: number): number {
  const next = at(buf, targetEnd)
  const lineEnds = next === cr || next === lf
  // HTTP/0.9: `GET /` and nothing else.
  return lineEnds && targetEnd > targetStart ? Fault.missingVersion : Fault.badTarget
}

function versionFault(buf: Buffer, start: number, end: number): number {
  const length = Math.min(preface.length, end - start)
  if (preface.compare(buf, start, start + length, 0, length) !== 0) return Fault.unsupportedVersion
  return length === preface.length ? http2Preface : incomplete
}
