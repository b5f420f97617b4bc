import type { HeaderList } from '@gatewright/kernel'
import { b3Of } from './b3.ts'
import { traceparentOf } from './traceparent.ts'

/** How others are told of a trace. */
export type Format = 'w3c' | 'b3' | 'b3multi'

/** What they are told. */
export interface Told {
  readonly traceId: string
  readonly sampled: boolean
  readonly flags: number
  readonly state: string | undefined
}

type Inject = (headers: HeaderList, trace: Told, spanId: string, parentId?: string) => void

const injectors: Readonly<Record<Format, Inject>> = {
  w3c(headers, { traceId, sampled, flags, state }, spanId) {
    headers.set('traceparent', traceparentOf(traceId, spanId, sampled, flags))
    if (state !== undefined) headers.set('tracestate', state)
  },
  b3(headers, { traceId, sampled }, spanId, parentId) {
    headers.set('b3', b3Of(traceId, spanId, sampled, parentId))
  },
  b3multi(headers, { traceId, sampled }, spanId, parentId) {
    headers.set('x-b3-traceid', traceId)
    headers.set('x-b3-spanid', spanId)
    if (parentId !== undefined) headers.set('x-b3-parentspanid', parentId)
    headers.set('x-b3-sampled', sampled ? '1' : '0')
  },
}

/** What each format writes. */
const written: Readonly<Record<Format, readonly string[]>> = {
  w3c: ['traceparent', 'tracestate'],
  b3: ['b3'],
  b3multi: ['x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled'],
}

/** Writes the fields of some formats. */
export class Injection {
  readonly #injectors: readonly Inject[]
  readonly #names: readonly string[]

  constructor(formats: readonly Format[]) {
    this.#injectors = formats.map((format) => injectors[format])
    this.#names = formats.flatMap((format) => written[format])
  }

  /**
   * In place of those that are there.
   * @param spanId Of the span that is the parent of what the recipient does.
   * @param parentId The parent of that span.
   */
  apply(headers: HeaderList, trace: Told, spanId: string, parentId: string | undefined): void {
    for (const inject of this.#injectors) inject(headers, trace, spanId, parentId)
  }

  /** True if a `Connection` field has one of its fields removed on the way (RFC 9110 section 7.6.1). */
  isNamedBy(connection: string): boolean {
    const value = connection.toLowerCase()
    return this.#names.some((name) => value.includes(name))
  }
}
