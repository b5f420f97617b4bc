import { isHex, isId, type RemoteTrace } from './remote-trace.ts'

/** Of version 00, and where the known part of later ones ends. */
const length = 55
const dash = 0x2d
const sampledFlag = 1
const randomFlag = 2

/**
 * Reads a `traceparent` of any version but ff, which is none; of later ones than 00 the part that is
 * known (W3C Trace Context section 3.2.2.1). `undefined` for anything else.
 */
export function tryTraceparent(value: string, state: string | undefined): RemoteTrace | undefined {
  if (!hasForm(value)) return undefined
  const version = value.slice(0, 2)
  if (version === 'ff') return undefined
  if (value.length > length && (version === '00' || value.charCodeAt(length) !== dash)) {
    return undefined
  }
  const flags = Number.parseInt(value.slice(53, length), 16)
  return {
    traceId: value.slice(3, 35),
    spanId: value.slice(36, 52),
    sampled: (flags & sampledFlag) !== 0,
    flags: flags & randomFlag,
    state,
  }
}

function hasForm(value: string): boolean {
  const dashed =
    value.charCodeAt(2) === dash && value.charCodeAt(35) === dash && value.charCodeAt(52) === dash
  if (!dashed || !isHex(value, 0, 2) || !isHex(value, 53, length)) return false
  return isId(value, 3, 35) && isId(value, 36, 52)
}

/** A `traceparent` of version 00; without `sampled` the form of `traceresponse` as well. */
export function traceparentOf(
  traceId: string,
  spanId: string,
  sampled: boolean,
  flags: number,
): string {
  return `00-${traceId}-${spanId}-0${flags | (sampled ? sampledFlag : 0)}`
}
