/**
 * What a syntactically valid head must also obey, and the facts that come out of it.
 *
 * @module
 */
import { Fault } from '../faults.ts'
import { isAuthority } from '../syntax/authority.ts'
import { Kind, kindSet } from '../syntax/kinds.ts'
import { equalsIgnoringCase } from '../syntax/names.ts'
import { takeContentLength, takeTransferEncoding } from './body-length.ts'
import { type Head, TargetForm } from './head.ts'
import { takeConnection, takeTe } from './options.ts'
import { takeTarget } from './target.ts'

const framingKinds = kindSet(Kind.contentLength, Kind.transferEncoding, Kind.connection)
const requestKinds = framingKinds | kindSet(Kind.host, Kind.expect, Kind.te)

/** Checks a parsed request head and fills in its facts. Returns 0 or a fault. */
export function takeRequest(head: Head): number {
  const fault = takeTarget(head) || takeFields(head, requestKinds)
  if (fault !== 0) return fault
  // RFC 9112 section 3.2: also when the target names a host by itself.
  if (head.hostLine < 0 && head.minor === 1) return Fault.missingHost
  takeUpgrade(head)
  return 0
}

/** Checks a parsed response head and fills in its facts. Returns 0 or a fault. */
export function takeResponse(head: Head): number {
  const fault = takeFields(head, framingKinds)
  if (fault !== 0) return fault
  takeUpgrade(head)
  return 0
}

function takeFields(head: Head, kinds: number): number {
  if ((head.seen & kinds) === 0) return 0
  for (let line = 0; line < head.count; line++) {
    const kind = head.kind(line)
    if ((kinds & (1 << kind)) === 0) continue
    const fault = takeField(head, line, kind)
    if (fault !== 0) return fault
  }
  return 0
}

function takeField(head: Head, line: number, kind: number): number {
  const start = head.offset(line, 2)
  const end = head.offset(line, 3)
  switch (kind) {
    case Kind.host:
      return takeHost(head, line, start, end)
    case Kind.contentLength:
      return takeContentLength(head, start, end)
    case Kind.transferEncoding:
      return takeTransferEncoding(head, start, end)
    case Kind.expect:
      return takeExpect(head, start, end)
    case Kind.te:
      takeTe(head, start, end)
      return 0
    default:
      takeConnection(head, start, end)
      return 0
  }
}

function takeHost(head: Head, line: number, start: number, end: number): number {
  if (head.hostLine >= 0) return Fault.duplicateHost
  if (!isAuthority(head.buf, start, end, false)) return Fault.badHost
  head.hostLine = line
  // RFC 9112 section 3.2.2: a host in the target replaces the one in the field.
  if (head.targetForm === TargetForm.absolute || head.targetForm === TargetForm.authority) return 0
  head.hostStart = start
  head.hostEnd = end
  return 0
}

function takeExpect(head: Head, start: number, end: number): number {
  if (!equalsIgnoringCase(head.buf, start, end, '100-continue')) return Fault.unmetExpectation
  // RFC 9110 section 10.1.1: an HTTP/1.0 client would not understand the 100.
  head.expectsContinue = head.minor === 1
  return 0
}

/** RFC 9110 section 7.8: Upgrade counts only if Connection names it, and not in HTTP/1.0. */
function takeUpgrade(head: Head): void {
  head.upgrade = head.upgrade && head.minor === 1 && head.has(Kind.upgrade)
}
