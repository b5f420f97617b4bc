/**
 * The head parsers: bytes in, one number out.
 *
 * They read straight from the buffer in which the bytes arrived, in one pass and without making a
 * string, and copy a complete head into `head.buf`, after which the buffer is free again. Each line
 * is parsed once: after `incomplete`, the same head and the same bytes with more behind them go on
 * at the line that was not complete. {@link HeadReader} keeps such bytes.
 *
 * @module
 */
import { Fault, incomplete } from '../faults.ts'
import type { Http1Limits } from '../limits.ts'
import { Kind, kindSet } from '../syntax/kinds.ts'
import { parseFieldLines } from './field-lines.ts'
import type { FieldSection } from './field-section.ts'
import type { Head } from './head.ts'
import { parseRequestLine } from './request-line.ts'
import { takeRequest, takeResponse } from './rules.ts'
import { parseStatusLine } from './status-line.ts'

/** A recipient that merged these into the head would read another message. */
const framingKinds = kindSet(Kind.contentLength, Kind.transferEncoding)

/**
 * Parses a request head that begins at `buf[start]`.
 *
 * @param head Empty, or as the last call with these bytes left it.
 * @returns Bytes consumed if positive; else `incomplete`, `http2Preface`, or a fault.
 */
export function parseRequestHead(
  buf: Buffer,
  start: number,
  end: number,
  head: Head,
  limits: Http1Limits,
): number {
  const max = limits.requestHeadBytes
  const bound = Math.min(end, start + max)
  if (head.parsed === 0) {
    const next = parseRequestLine(buf, start, bound, head, limits)
    if (next <= 0) return orTooLarge(next, bound - start, max)
    head.parsed = next - start
  }
  const stop = parseFieldLines(buf, start, start + head.parsed, bound, head, limits.headerCount)
  if (stop <= 0) return orTooLarge(stop, bound - start, max)
  complete(buf, start, stop, head)
  return takeRequest(head) || stop - start
}

/**
 * Parses a response head that begins at `buf[start]`; otherwise like {@link parseRequestHead}.
 */
export function parseResponseHead(
  buf: Buffer,
  start: number,
  end: number,
  head: Head,
  limits: Http1Limits,
): number {
  const max = limits.responseHeadBytes
  const bound = Math.min(end, start + max)
  if (head.parsed === 0) {
    const next = parseStatusLine(buf, start, bound, head)
    if (next <= 0) return orTooLarge(next, bound - start, max)
    head.parsed = next - start
  }
  const stop = parseFieldLines(buf, start, start + head.parsed, bound, head, limits.headerCount)
  if (stop <= 0) return orTooLarge(stop, bound - start, max)
  complete(buf, start, stop, head)
  return takeResponse(head) || stop - start
}

/**
 * Parses trailers up to and with the empty line; otherwise like {@link parseRequestHead}.
 *
 * @param max Bytes that they may have.
 */
export function parseTrailers(
  buf: Buffer,
  start: number,
  end: number,
  trailers: FieldSection,
  max: number,
  maxLines: number,
): number {
  const bound = Math.min(end, start + max)
  const stop = parseFieldLines(buf, start, start + trailers.parsed, bound, trailers, maxLines)
  if (stop === incomplete && bound - start >= max) return Fault.chunkOverheadTooLarge
  if (stop <= 0) return stop
  complete(buf, start, stop, trailers)
  return (trailers.seen & framingKinds) === 0 ? stop - start : Fault.badTrailer
}

/** Bytes up to the limit without an end to the head mean that it has more. */
function orTooLarge(result: number, available: number, max: number): number {
  return result === incomplete && available >= max ? Fault.headTooLarge : result
}

function complete(buf: Buffer, start: number, stop: number, section: FieldSection): void {
  section.copyIn(buf, start, stop, 0)
  section.length = stop - start
}
