import type { HeaderList } from '@gatewright/kernel'
import { isId, type RemoteTrace } from './remote-trace.ts'

const dash = 0x2d
const shortPadding = '0'.repeat(16)

/** The client has no trace, and wants none. */
export const unsampled = 'unsampled'

/** What B3 fields say: of a trace, that there is to be none, or nothing. */
export type B3 = RemoteTrace | typeof unsampled | undefined

/** Reads the field `b3`: `{trace}-{span}[-{state}[-{parent}]]`, or `0`. */
export function tryB3(given: string): B3 {
  const value = given.toLowerCase()
  if (value === '0') return unsampled
  const split = value.indexOf('-')
  const spanEnd = split + 17
  const traceId = tryTraceId(value, split)
  if (traceId === undefined || !isId(value, split + 1, spanEnd)) return undefined
  const spanId = value.slice(split + 1, spanEnd)
  if (value.length === spanEnd) return traceOf(traceId, spanId, undefined)
  const state = value.charAt(spanEnd + 1)
  const known = state === '0' || state === '1' || state === 'd'
  if (value.charCodeAt(spanEnd) !== dash || !known) return undefined
  // The parent of the client's span is nobody's business here, but has to be one.
  return endsWell(value, spanEnd + 2) ? traceOf(traceId, spanId, state !== '0') : undefined
}

/** Reads the fields `x-b3-…`. */
export function tryB3Fields(headers: HeaderList): B3 {
  const trace = headers.get('x-b3-traceid')?.toLowerCase()
  const spanId = headers.get('x-b3-spanid')?.toLowerCase()
  const sampled = decisionIn(headers)
  if (trace === undefined && spanId === undefined) return sampled === false ? unsampled : undefined
  if (trace === undefined || spanId === undefined) return undefined
  const traceId = tryTraceId(trace, trace.length)
  if (traceId === undefined || spanId.length !== 16 || !isId(spanId, 0, 16)) return undefined
  return traceOf(traceId, spanId, sampled)
}

/** `undefined` if they leave it to others. */
function decisionIn(headers: HeaderList): boolean | undefined {
  // Debugging is recording.
  if (headers.get('x-b3-flags') === '1') return true
  const sampled = headers.get('x-b3-sampled')?.toLowerCase()
  return sampled === undefined ? undefined : sampled === '1' || sampled === 'true'
}

/** The first `length` characters as an id; half of one is a short id. */
function tryTraceId(value: string, length: number): string | undefined {
  if ((length !== 16 && length !== 32) || !isId(value, 0, length)) return undefined
  const id = value.slice(0, length)
  return length === 16 ? shortPadding + id : id
}

function endsWell(value: string, at: number): boolean {
  if (value.length === at) return true
  return value.length === at + 17 && value.charCodeAt(at) === dash && isId(value, at + 1, at + 17)
}

function traceOf(traceId: string, spanId: string, sampled: boolean | undefined): RemoteTrace {
  return { traceId, spanId, sampled, flags: 0, state: undefined }
}

/** @param parentId Of the span, if it has one. */
export function b3Of(
  traceId: string,
  spanId: string,
  sampled: boolean,
  parentId: string | undefined,
): string {
  const context = `${traceId}-${spanId}-${sampled ? 1 : 0}`
  return parentId === undefined ? context : `${context}-${parentId}`
}
