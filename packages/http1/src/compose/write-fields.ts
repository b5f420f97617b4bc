import { type BodyFraming, Framing } from '../body/framing.ts'
import { FieldSection } from '../head/field-section.ts'
import { nominatedNames } from '../head/options.ts'
import { hopByHopKinds, Kind, type KindSet, kindSet, protectedKinds } from '../syntax/kinds.ts'
import { WireHeaders } from '../wire-headers.ts'
import type { HeadWriter } from './head-writer.ts'
import type { RequestPlan, ResponsePlan } from './plan.ts'

const upgradeKind = kindSet(Kind.upgrade)
const contentLengthKind = kindSet(Kind.contentLength)
const chunkedLine = Buffer.from('transfer-encoding: chunked\r\n')
const noLines = new FieldSection(0, 0)
const lengthValue = /^\d{1,15}$/

/** Writes the fields that go on, then those that say how the body is framed. */
export function writeFields(
  writer: HeadWriter,
  plan: RequestPlan | ResponsePlan,
  droppedKinds: KindSet,
): void {
  const { block, fields } = plan
  const dropped =
    droppedKinds | plan.dropped | (plan.upgrade ? hopByHopKinds & ~upgradeKind : hopByHopKinds)
  if (block !== undefined) writer.bytes(block.bytes, 0, block.bytes.length)
  if (fields instanceof FieldSection) {
    const kept = writeLines(writer, fields, undefined, dropped, plan.framing)
    writeFraming(writer, plan.framing, kept, undefined)
    return
  }
  const received = fields instanceof WireHeaders ? fields : undefined
  const injected = received?.block
  if (injected !== undefined) writer.bytes(injected.bytes, 0, injected.bytes.length)
  const section = received?.section ?? noLines
  const kept = writeLines(writer, section, received?.removed, dropped, plan.framing)
  const strings = received?.appended ?? fields.raw()
  writer.fields(strings, dropped | contentLengthKind)
  writeFraming(writer, plan.framing, kept, valueOf(strings, 'content-length'))
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
    stays(section, Kind.contentLength, edited)
  writer.lines(section, kept ? dropped : dropped | contentLengthKind, removed)
  return kept
}

function writeFraming(
  writer: HeadWriter,
  framing: BodyFraming,
  kept: boolean,
  given: string | undefined,
): void {
  if (framing === Framing.chunked) writer.bytes(chunkedLine, 0, chunkedLine.length)
  else if (kept) return
  else if (framing >= 0) writer.field('content-length', String(framing))
  else if (framing === Framing.omitted && given !== undefined && lengthValue.test(given)) {
    writer.field('content-length', given)
  }
}

/** Whether the only line of a kind is there and not marked as removed. */
export function stays(
  section: FieldSection,
  kind: number,
  removed: Uint8Array | undefined,
): boolean {
  if (!section.has(kind)) return false
  if (removed === undefined) return true
  for (let line = 0; line < section.count; line++) {
    if (section.kind(line) === kind) return removed[line] !== 1
  }
  return false
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
