/**
 * Puts outgoing heads together: received lines are copied as ranges of bytes, everything else is
 * written between them. What comes out is one message for every strict reader, whatever the plan
 * and the edits to the fields say.
 *
 * @module
 */
import type { HeaderList } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import { FieldSection } from '../head/field-section.ts'
import { type Head, TargetForm } from '../head/head.ts'
import { Kind, kindSet } from '../syntax/kinds.ts'
import { statusLine } from '../syntax/statuses.ts'
import { Class } from '../syntax/tables.ts'
import { WireHeaders } from '../wire-headers.ts'
import { connectionLines } from './connection-lines.ts'
import { HeadWriter } from './head-writer.ts'
import type { RequestPlan, ResponsePlan } from './plan.ts'
import { isCanonical, stays, writeFields } from './write-fields.ts'

const { target: targetByte, token } = Class
/** The gateway answers an expectation itself (RFC 9110 section 10.1.1). */
const requestKinds = kindSet(Kind.expect)
const hostKind = kindSet(Kind.host)
const space = Buffer.from(' ')
const version = Buffer.from(' HTTP/1.1\r\n')
const statusStart = Buffer.from('HTTP/1.1 ')
const hostName = Buffer.from('host: ')
const sendableHost = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

/** Composing is synchronous, so one writer serves all. */
const writer = new HeadWriter()

/**
 * Writes a request head at `position`.
 *
 * Throws GW_HTTP1_UNSENDABLE for a method, target or host that is none, and GW_INVALID_HEADER.
 *
 * @returns The position behind it, or `noRoom` if the buffer is too small.
 */
export function composeRequest(out: Buffer, position: number, plan: RequestPlan): number {
  writer.begin(out, position)
  writeRequestLine(plan)
  const dropped = writeHost(plan) ? requestKinds : requestKinds | hostKind
  writeFields(writer, plan, dropped)
  return finish(plan)
}

/**
 * Writes a response head at `position`. Throws GW_INVALID_HEADER.
 *
 * @returns The position behind it, or `noRoom` if the buffer is too small.
 */
export function composeResponse(out: Buffer, position: number, plan: ResponsePlan): number {
  writer.begin(out, position)
  writeStatusLine(plan)
  writeFields(writer, plan, 0)
  return finish(plan)
}

function finish(plan: RequestPlan | ResponsePlan): number {
  if (plan.upgrade !== undefined) writer.field('upgrade', plan.upgrade)
  const lines = connectionLines(plan)
  if (lines.length > 0) writer.bytes(lines, 0, lines.length)
  return writer.end()
}

function writeRequestLine({ head, method, target }: RequestPlan): void {
  if (head === undefined || method !== undefined || target !== undefined) {
    writeGivenLine(method ?? head?.methodText ?? '', target ?? head?.targetText ?? '')
    return
  }
  const { buf, methodStart, targetEnd } = head
  if (head.targetForm === TargetForm.absolute) {
    writeGivenLine(head.methodText, head.targetText)
  } else if (head.minor === 1) {
    writer.bytes(buf, methodStart, targetEnd + version.length)
  } else {
    writer.bytes(buf, methodStart, targetEnd)
    writer.bytes(version, 0, version.length)
  }
}

function writeGivenLine(method: string, target: string): void {
  if (method === '' || !writer.text(method, token)) unsendable('method', method)
  writer.bytes(space, 0, 1)
  if (!hasTargetForm(method, target) || !writer.text(target, targetByte)) {
    unsendable('target', target)
  }
  writer.bytes(version, 0, version.length)
}

function hasTargetForm(method: string, target: string): boolean {
  if (method === 'CONNECT') return sendableHost.test(target) && /:\d+$/.test(target)
  return target.startsWith('/') || (target === '*' && method === 'OPTIONS')
}

/** Returns whether the received line stays; otherwise there is one now. */
function writeHost({ head, host, fields }: RequestPlan): boolean {
  const received = receivedHostStays(fields)
  const given = host ?? (received ? undefined : givenHost(fields))
  if (given !== undefined) writeGivenHost(given)
  else if (received && !mustBeWritten(head)) return true
  else writeEffectiveHost(head)
  return false
}

function writeGivenHost(host: string): void {
  if (!sendableHost.test(host)) unsendable('host', host)
  writer.field('host', host)
}

function writeEffectiveHost(head: Head | undefined): void {
  if (head === undefined || head.hostStart === head.hostEnd) unsendable('host', '')
  writer.bytes(hostName, 0, hostName.length)
  writer.bytes(head.buf, head.hostStart, head.hostEnd)
  writer.lineEnd()
}

/** Whether the received line cannot stay as it is, or does not count. */
function mustBeWritten(head: Head | undefined): boolean {
  if (head === undefined) return false
  const { targetForm, hostLine } = head
  // RFC 9112 section 3.2.2: a host in the target replaces the one in the field.
  if (targetForm === TargetForm.absolute || targetForm === TargetForm.authority) return true
  return hostLine >= 0 && !isCanonical(head, hostLine)
}

function receivedHostStays(fields: FieldSection | HeaderList): boolean {
  if (fields instanceof FieldSection) return fields.has(Kind.host)
  return fields instanceof WireHeaders && stays(fields.section, Kind.host, fields.removed)
}

function givenHost(fields: FieldSection | HeaderList): string | undefined {
  return fields instanceof FieldSection ? undefined : fields.get('host')
}

function writeStatusLine({ head, status }: ResponsePlan): void {
  if (head === undefined || (status !== 0 && status !== head.status)) {
    const line = statusLine(status)
    writer.bytes(line, 0, line.length)
    return
  }
  const { buf, reasonStart, reasonEnd } = head
  if (reasonStart === reasonEnd) {
    const line = statusLine(head.status)
    writer.bytes(line, 0, line.length)
    return
  }
  // Status, space, reason and line end go on as received; only the version may be another.
  if (head.minor === 0) writer.bytes(statusStart, 0, statusStart.length)
  writer.bytes(buf, head.minor === 0 ? statusStart.length : 0, reasonEnd + 2)
}

function unsendable(part: 'method' | 'target' | 'host', value: string): never {
  throw errors.GW_HTTP1_UNSENDABLE({ part, value })
}
