/**
 * The JSON form of OTLP (opentelemetry-proto 1.x, `ExportTraceServiceRequest`): ids are hexadecimal,
 * 64-bit numbers are texts.
 *
 * @module
 */
import type { Attributes, AttributeValue, Span } from '../spans/span.ts'

/** What stands once for all spans of a process. */
export type Resource = Readonly<Record<string, string | number>>

const sampledFlag = 0x01
const hasIsRemote = 0x100
const isRemote = 0x200
const statusOfFailure = 2

/** So many at a time hold nothing up. */
const sliceSize = 64

/**
 * The message in pieces, since all of it at once takes milliseconds.
 * @param epochMs What `performance.now()` is added to for the time of day.
 */
export function* encodeSpans(
  spans: readonly Span[],
  resource: Resource,
  epochMs: number,
): Generator<string> {
  const about = JSON.stringify({ attributes: encodeAttributes(Object.entries(resource).flat()) })
  const scope = JSON.stringify({ name: 'gatewright' })
  yield `{"resourceSpans":[{"resource":${about},"scopeSpans":[{"scope":${scope},"spans":[`
  for (let i = 0; i < spans.length; i += sliceSize) {
    const slice = spans.slice(i, i + sliceSize).map((span) => encodeSpan(span, epochMs))
    yield (i === 0 ? '' : ',') + JSON.stringify(slice).slice(1, -1)
  }
  yield ']}]}]}'
}

function encodeSpan(span: Span, epochMs: number): object {
  const { link, parentId, state } = span
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(state !== undefined && { traceState: state }),
    ...(parentId !== undefined && { parentSpanId: parentId }),
    flags: span.flags | sampledFlag | hasIsRemote | (span.remoteParent ? isRemote : 0),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: nanoseconds(epochMs + span.startedAt),
    // Two clocks may differ by less than they can tell.
    endTimeUnixNano: nanoseconds(epochMs + Math.max(span.startedAt, span.endedAt)),
    attributes: encodeAttributes(span.attributes.list),
    ...(link !== undefined && {
      links: [{ traceId: link.traceId, spanId: link.spanId, flags: hasIsRemote | isRemote }],
    }),
    status: span.failed ? { code: statusOfFailure } : {},
  }
}

/** @param list Name, value, name, value, … */
function encodeAttributes(list: Attributes['list']): object[] {
  const encoded: object[] = []
  for (let i = 0; i < list.length; i += 2) {
    encoded.push({ key: list[i], value: encodeValue(list[i + 1] ?? '') })
  }
  return encoded
}

function encodeValue(value: AttributeValue): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  }
  return { arrayValue: { values: value.map((item) => ({ stringValue: item })) } }
}

/** A number of this size has no room for nanoseconds. */
function nanoseconds(ms: number): string {
  const whole = Math.floor(ms)
  return String(whole) + String(Math.floor((ms - whole) * 1e6)).padStart(6, '0')
}
