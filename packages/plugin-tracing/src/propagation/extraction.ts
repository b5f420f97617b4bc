import type { HeaderList } from '@gatewright/kernel'
import { type B3, tryB3, tryB3Fields } from './b3.ts'
import type { RemoteTrace } from './remote-trace.ts'
import { tryTraceparent } from './traceparent.ts'
import { boundedState } from './tracestate.ts'

/** Every field that says of which trace a request is part, in whatever format. */
const fields = [
  'traceparent',
  'tracestate',
  'b3',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
] as const

/** Which trace a request is part of: `traceparent` before `b3` before `x-b3-…`. */
export function extract(headers: HeaderList): B3 {
  const remote = tryW3c(headers)
  if (remote !== undefined) return remote
  const b3 = headers.get('b3')
  return (b3 === undefined ? undefined : tryB3(b3)) ?? tryB3Fields(headers)
}

/** The server is to learn from nobody else which trace it is part of. */
export function removeTraceFields(headers: HeaderList): void {
  for (const name of fields) if (headers.has(name)) headers.delete(name)
}

function tryW3c(headers: HeaderList): RemoteTrace | undefined {
  const value = headers.get('traceparent')
  if (value === undefined) return undefined
  // Two of them are none.
  if (headers.getAll('traceparent').length > 1) return undefined
  const lines = headers.getAll('tracestate')
  return tryTraceparent(value, lines.length === 0 ? undefined : boundedState(lines))
}
