import { type BodyFraming, Framing } from '../body/framing.ts'
import { FieldSection } from '../head/field-section.ts'
import { nominatedNames } from '../head/options.ts'
import { hopByHopKinds, Kind, type KindSet, kindSet, protectedKinds } from '../syntax/kinds.ts'
import { at, Byte } from '../syntax/tables.ts'
import { WireHeaders } from '../wire-headers.ts'
import type { HeadWriter } from './head-writer.ts'
import type { RequestPlan, ResponsePlan } from './plan.ts'

const contentLengthKind = kindSet(Kind.contentLength)
const chunkedLine = Buffer.from('transfer-encoding: chunked\r\n')
const noLines = new FieldSection(0, 0)
const noStrings: readonly string[] = []
const lengthValue = /^\d{1,15}$/

/** Writes the fields that go on, then those that say how the body is framed. */
export function writeFields(
  writer: HeadWriter,
  plan: RequestPlan | ResponsePlan,
  droppedKinds: KindSet,
): void {
  const { block, fields } = plan
  const dropped = droppedKinds | plan.dropped | hopByHopKinds
  if (block !== undefined) writer.bytes(block.bytes, 0, block.bytes.length)
  if (fields instanceof FieldSection) {
    return writeAll(writer, plan.framing, fields, undefined, dropped, noStrings)
  }
  const received = fields instanceof WireHeaders ? fields : undefined
  const injected = received?.block
  if (injected !== undefined) writer.bytes(injected.bytes, 0, injected.bytes.length)
  const section = received?.section ?? noLines
  const strings = received?.appended ?? fields.raw()
  writeAll(writer, plan.framing, section, received?.removed, dropped, strings)
}

/** Received lines, then those made of strings, then the framing. */
function writeAll(
  writer: HeadWriter,
  framing: BodyFraming,
  section: FieldSection,
  removed: Uint8Array | undefined,
  dropped: KindSet,
  strings: readonly string[],
): void {
  const kept = writeLines(writer, section, removed, dropped, framing)
  writer.fields(strings, dropped | contentLengthKind)
  if (!kept) writeFraming(writer, framing, section, removed, strings)
}

/** Returns whether the Content-Length line is among those that were written. */
function writeLines(
  writer: HeadWriter,
  section: FieldSection,
  edited: Uint8Array | undefined,
  dropped: KindSet,
  framing: BodyFraming,
): boolean {
  const removed = section.nominates ? withNominated(section, edited) : edited
  const kept =
    section.contentLength >= 0 &&
    (framing === section.contentLength || framing === Framing.omitted) &&
    stays(section, Kind.contentLength, edited) &&
    isCanonicalLength(section)
  writer.lines(section, kept ? dropped : dropped | contentLengthKind, removed)
  return kept
}

/** Says how the body is framed if no received line does. */
function writeFraming(
  writer: HeadWriter,
  framing: BodyFraming,
  section: FieldSection,
  removed: Uint8Array | undefined,
  strings: readonly string[],
): void {
  if (framing === Framing.chunked) writer.bytes(chunkedLine, 0, chunkedLine.length)
  else if (framing >= 0) writer.field('content-length', String(framing))
  else if (framing === Framing.omitted) {
    const given = describedLength(section, removed) ?? valueOf(strings, 'content-length')
    if (given !== undefined && lengthValue.test(given)) writer.field('content-length', given)
  }
}

/** Whether the only line of a kind is there and not marked as removed. */
export function stays(
  section: FieldSection,
  kind: number,
  removed: Uint8Array | undefined,
): boolean {
  if (!section.has(kind)) return false
  return removed === undefined || removed[lineOf(section, kind)] !== 1
}

/**
 * Whether a received line has one space before its value and nothing behind it. What frames and
 * routes a message is sent in this form only, since readers differ in what they trim.
 */
export function isCanonical(section: FieldSection, line: number): boolean {
  const nameEnd = section.offset(line, 1)
  const valueStart = section.offset(line, 2)
  return (
    valueStart === nameEnd + 2 &&
    at(section.buf, nameEnd + 1) === Byte.space &&
    section.offset(line, 4) === section.offset(line, 3) + 2
  )
}

/** Also without leading zeros, which stand for octal digits in some languages. */
function isCanonicalLength(section: FieldSection): boolean {
  const line = lineOf(section, Kind.contentLength)
  const start = section.offset(line, 2)
  const zero = at(section.buf, start) === Byte.zero
  return isCanonical(section, line) && (!zero || section.offset(line, 3) === start + 1)
}

/** The received length of a body that is left out. */
function describedLength(
  section: FieldSection,
  removed: Uint8Array | undefined,
): string | undefined {
  if (section.contentLength < 0 || !stays(section, Kind.contentLength, removed)) return undefined
  return String(section.contentLength)
}

/** The first line of a kind that is there. */
function lineOf(section: FieldSection, kind: number): number {
  let line = 0
  while (section.kind(line) !== kind) line++
  return line
}

/** Marks what Connection names, except what nobody may have removed that way. */
function withNominated(section: FieldSection, edited: Uint8Array | undefined): Uint8Array {
  const removed = new Uint8Array(section.count)
  if (edited !== undefined) removed.set(edited)
  const names = nominatedNames(section)
  for (let line = 0; line < section.count; line++) {
    if ((protectedKinds & (1 << section.kind(line))) !== 0) continue
    if (names.has(section.name(line))) removed[line] = 1
  }
  return removed
}

function valueOf(fields: readonly string[], name: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1]
  return undefined
}
