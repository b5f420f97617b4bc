/** What a span is to the others of its trace, as OTLP numbers it. */
export const Kind = { internal: 1, server: 2, client: 3 } as const

/** What an attribute says. */
export type AttributeValue = string | number | boolean | readonly string[]

/** A piece of work in a trace, once it is over. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string | undefined
  /** Whether the parent is in another process. */
  readonly remoteParent: boolean
  readonly state: string | undefined
  readonly flags: number
  readonly kind: (typeof Kind)[keyof typeof Kind]
  readonly name: string
  /** `performance.now()` */
  readonly startedAt: number
  readonly endedAt: number
  readonly attributes: Attributes
  readonly failed: boolean
  /** A span of another trace that has to do with it. */
  readonly link: { readonly traceId: string; readonly spanId: string } | undefined
}

/** Name, value, name, value, … */
export class Attributes {
  readonly list: (string | AttributeValue)[] = []

  /** Adds it unless there is nothing to say. */
  add(name: string, value: AttributeValue | undefined): void {
    if (value === undefined) return
    const long = typeof value === 'string' && value.length > maxLength
    this.list.push(name, long ? beginningOf(value) : value)
  }
}

/** Spans wait in memory, and clients choose how long what stands in them is. */
const maxLength = 1024

/** A copy: a part of a text keeps all of it alive. */
function beginningOf(text: string): string {
  return Buffer.from(text.slice(0, maxLength), 'utf16le').toString('utf16le')
}
