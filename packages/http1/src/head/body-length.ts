/**
 * Content-Length and Transfer-Encoding (RFC 9112 section 6): the fields that decide where a message
 * ends. Two readings of them are request smuggling, so only one form of each is taken.
 *
 * @module
 */
import { Fault } from '../faults.ts'
import { equalsIgnoringCase } from '../syntax/names.ts'
import { at, Byte, Class, is } from '../syntax/tables.ts'
import type { Head } from './head.ts'
import { skip } from './scan.ts'

const { comma, zero } = Byte
const { blank, digit, token } = Class

/** 15 digits stay below 2^53, so that counting is exact. */
const maxDigits = 15

/** Takes a Content-Length line. Returns 0 or a fault. */
export function takeContentLength(head: Head, start: number, end: number): number {
  if (head.contentLength >= 0) return Fault.duplicateContentLength
  if (head.chunked) return Fault.conflictingLengths
  if (start === end || end - start > maxDigits) return Fault.badContentLength
  let length = 0
  for (let pos = start; pos < end; pos++) {
    if (!is(head.buf, pos, digit)) return Fault.badContentLength
    length = length * 10 + at(head.buf, pos) - zero
  }
  head.contentLength = length
  return 0
}

/** Takes a Transfer-Encoding line. Returns 0 or a fault. */
export function takeTransferEncoding(head: Head, start: number, end: number): number {
  if (head.chunked) return Fault.duplicateTransferEncoding
  if (head.contentLength >= 0) return Fault.conflictingLengths
  if (head.minor === 0) return Fault.unexpectedTransferEncoding
  if (!equalsIgnoringCase(head.buf, start, end, 'chunked')) {
    return transferEncodingFault(head.buf, start, end)
  }
  head.chunked = true
  return 0
}

/**
 * Tells a list of other codings, which a recipient may answer with 501, from what nobody may send:
 * anything that is no list of tokens, and `chunked` anywhere but last.
 */
function transferEncodingFault(buf: Buffer, start: number, end: number): number {
  let pos = start
  for (;;) {
    const tokenEnd = skip(buf, pos, end, token)
    if (tokenEnd === pos) return Fault.badTransferEncoding
    const chunked = equalsIgnoringCase(buf, pos, tokenEnd, 'chunked')
    pos = skip(buf, tokenEnd, end, blank)
    if (pos === end) return Fault.unknownTransferCoding
    if (chunked || at(buf, pos) !== comma) return Fault.badTransferEncoding
    pos = skip(buf, pos + 1, end, blank)
  }
}
