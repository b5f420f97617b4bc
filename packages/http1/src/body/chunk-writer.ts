/**
 * Writes the chunked coding, always in one form: sizes in lower-case digits without leading zeros,
 * no extensions, CR LF (RFC 9112 section 7.1).
 *
 * @module
 */
import { noRoom, writeField } from '../compose/write-field.ts'
import {
  hopByHopKinds,
  Kind,
  type KindSet,
  kindOf,
  kindSet,
  protectedKinds,
} from '../syntax/kinds.ts'
import { Byte } from '../syntax/tables.ts'

const { cr, lf, zero } = Byte

/** Most bytes that {@link writeChunkHeader} may need. */
export const maxChunkHeaderBytes = 15

/**
 * Fields that a sender may not put into trailers (RFC 9110 section 6.5.1), since a recipient that
 * merges them would frame, route or authenticate by them.
 */
export const forbiddenTrailerKinds: KindSet =
  hopByHopKinds |
  protectedKinds |
  kindSet(
    Kind.expect,
    Kind.contentType,
    Kind.contentEncoding,
    Kind.cookie,
    Kind.setCookie,
    Kind.location,
    Kind.date,
  )

/**
 * Writes the size line of a chunk of `size` bytes, above 0.
 *
 * @returns The position behind it, or `noRoom`.
 */
export function writeChunkHeader(out: Buffer, position: number, size: number): number {
  let digits = 1
  for (let rest = size; rest >= 16; rest = Math.floor(rest / 16)) digits++
  const end = position + digits
  if (end + 2 > out.length) return noRoom
  let rest = size
  for (let pos = end - 1; pos >= position; pos--) {
    out[pos] = hexDigit(rest % 16)
    rest = Math.floor(rest / 16)
  }
  return writeLineEnd(out, end)
}

/** Writes the line end behind the data of a chunk. Returns the position behind it, or `noRoom`. */
export function writeChunkEnd(out: Buffer, position: number): number {
  return position + 2 > out.length ? noRoom : writeLineEnd(out, position)
}

/**
 * Writes `buf[start, end)` as one whole chunk; nothing if it is empty.
 *
 * @returns The position behind it, or `noRoom`.
 */
export function writeChunk(
  out: Buffer,
  position: number,
  buf: Uint8Array,
  start: number,
  end: number,
): number {
  if (start === end) return position
  const dataStart = writeChunkHeader(out, position, end - start)
  if (dataStart === noRoom || dataStart + end - start + 2 > out.length) return noRoom
  out.set(buf.subarray(start, end), dataStart)
  return writeLineEnd(out, dataStart + end - start)
}

/**
 * Writes the last chunk and the trailers that are allowed; the others are left out.
 *
 * @param trailers Name, value, name, value, …. Throws GW_INVALID_HEADER like every writer of fields.
 * @returns The position behind it, or `noRoom`.
 */
export function writeLastChunk(
  out: Buffer,
  position: number,
  trailers: readonly string[] = [],
): number {
  if (position + 3 > out.length) return noRoom
  out[position] = zero
  let pos = writeLineEnd(out, position + 1)
  for (let i = 0; i < trailers.length; i += 2) {
    pos = writeTrailer(out, pos, trailers[i] ?? '', trailers[i + 1] ?? '')
    if (pos === noRoom) return noRoom
  }
  return writeChunkEnd(out, pos)
}

function writeTrailer(out: Buffer, position: number, name: string, value: string): number {
  const end = writeField(out, position, name, value)
  if (end === noRoom) return noRoom
  const kind = kindOf(out, position, position + name.length)
  return kind !== Kind.other && (forbiddenTrailerKinds & (1 << kind)) !== 0 ? position : end
}

function writeLineEnd(out: Buffer, position: number): number {
  out[position] = cr
  out[position + 1] = lf
  return position + 2
}

function hexDigit(value: number): number {
  return value < 10 ? zero + value : value + 0x57
}
