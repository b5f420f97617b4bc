import { Fault } from '../faults.ts'
import { isAuthority } from '../syntax/authority.ts'
import { Method } from '../syntax/methods.ts'
import { equalsIgnoringCase } from '../syntax/names.ts'
import { at, Byte } from '../syntax/tables.ts'
import { type Head, TargetForm } from './head.ts'

const schemes = ['http://', 'https://'] as const

/** Finds the form of the target and its parts (RFC 9112 section 3.2). Returns 0 or a fault. */
export function takeTarget(head: Head): number {
  head.pathStart = head.targetStart
  head.pathEnd = head.targetEnd
  if (head.method === Method.connect) return takeAuthorityForm(head)
  const first = at(head.buf, head.targetStart)
  if (first === Byte.slash) return 0
  if (first === Byte.asterisk) return takeAsterisk(head)
  return takeAbsoluteForm(head)
}

function takeAuthorityForm(head: Head): number {
  if (!isAuthority(head.buf, head.targetStart, head.targetEnd, true)) {
    return Fault.badTargetAuthority
  }
  head.targetForm = TargetForm.authority
  head.pathEnd = head.pathStart
  head.hostStart = head.targetStart
  head.hostEnd = head.targetEnd
  return 0
}

function takeAsterisk(head: Head): number {
  const alone = head.targetEnd - head.targetStart === 1
  if (!alone || head.method !== Method.options) return Fault.badTargetForm
  head.targetForm = TargetForm.asterisk
  return 0
}

function takeAbsoluteForm(head: Head): number {
  const authorityStart = schemeEnd(head)
  if (authorityStart === 0) return Fault.badTargetForm
  let authorityEnd = authorityStart
  while (authorityEnd < head.targetEnd && !beginsPath(at(head.buf, authorityEnd))) authorityEnd++
  if (!isAuthority(head.buf, authorityStart, authorityEnd, false)) return Fault.badTargetAuthority
  head.targetForm = TargetForm.absolute
  head.pathStart = authorityEnd
  head.hostStart = authorityStart
  head.hostEnd = authorityEnd
  return 0
}

function schemeEnd(head: Head): number {
  for (const scheme of schemes) {
    const end = head.targetStart + scheme.length
    if (end <= head.targetEnd && equalsIgnoringCase(head.buf, head.targetStart, end, scheme)) {
      return end
    }
  }
  return 0
}

function beginsPath(byte: number): boolean {
  return byte === Byte.slash || byte === Byte.question
}
