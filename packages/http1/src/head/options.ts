/**
 * Lists of options: Connection and TE (RFC 9110 sections 7.6.1 and 10.1.4).
 *
 * @module
 */
import { hopByHopKinds, Kind, kindOf, protectedKinds } from '../syntax/kinds.ts'
import { equalsIgnoringCase } from '../syntax/names.ts'
import { at, Byte, Class } from '../syntax/tables.ts'
import type { FieldSection } from './field-section.ts'
import type { Head } from './head.ts'
import { skip, trimEnd } from './scan.ts'

const { comma } = Byte
const { blank } = Class
const { connection, keepAlive, other, upgrade } = Kind

/** Kinds that are removed anyway, or may not be removed this way: naming them changes nothing. */
const settledKinds = hopByHopKinds | protectedKinds

/** Takes a Connection line. What is no token can name no field, so it needs no refusal. */
export function takeConnection(head: Head, start: number, end: number): void {
  for (let pos = start; pos < end; ) {
    const separator = findComma(head.buf, pos, end)
    takeConnectionOption(head, skip(head.buf, pos, separator, blank), separator)
    pos = separator + 1
  }
}

function takeConnectionOption(head: Head, start: number, separator: number): void {
  const { buf } = head
  const end = trimEnd(buf, start, separator)
  if (start === end) return
  if (equalsIgnoringCase(buf, start, end, 'close')) {
    head.close = true
    return
  }
  const kind = kindOf(buf, start, end)
  if (kind === keepAlive) head.keepAlive = true
  else if (kind === upgrade) head.upgrade = true
  else if (kind === other || (settledKinds & (1 << kind)) === 0) head.nominates = true
}

/** Takes a TE line: of its codings, only `trailers` means something to a gateway. */
export function takeTe(head: Head, start: number, end: number): void {
  const { buf } = head
  for (let pos = start; pos < end; ) {
    const separator = findComma(buf, pos, end)
    const optionStart = skip(buf, pos, separator, blank)
    const optionEnd = trimEnd(buf, optionStart, separator)
    if (equalsIgnoringCase(buf, optionStart, optionEnd, 'trailers')) head.acceptsTrailers = true
    pos = separator + 1
  }
}

/** Everything that Connection lines name, in lower case. For messages with `nominates` only. */
export function nominatedNames(section: FieldSection): ReadonlySet<string> {
  const names = new Set<string>()
  for (let line = 0; line < section.count; line++) {
    if (section.kind(line) !== connection) continue
    for (const option of section.value(line).split(',')) names.add(option.trim().toLowerCase())
  }
  return names
}

function findComma(buf: Buffer, start: number, end: number): number {
  let pos = start
  while (pos < end && at(buf, pos) !== comma) pos++
  return pos
}
