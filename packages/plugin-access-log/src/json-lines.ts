import {
  type Exchange,
  type Noted,
  notes,
  type RequestContext,
  type StreamContext,
} from '@gatewright/kernel'
import { type Field, headerFields, requestFields, requestText, streamFields } from './fields.ts'
import { json } from './json-text.ts'
import type { AccessLogOptions } from './options.ts'
import { ToldPath } from './query.ts'

/** A field and what stands in front of its value. */
interface PlacedField<E extends Exchange> extends Field<E> {
  /** `,"name":` */
  readonly prefix: string
}

type Notes = Readonly<Record<string, Noted>>

/**
 * Lines of JSON. Which fields there are is settled when a configuration is built, so that a line is
 * put together without an object for it.
 */
export class JsonLines {
  readonly #told: ToldPath
  /** All fields are told, in the usual order. */
  readonly #complete: boolean
  /** Notes of plugins stand in a line, unless it is said which fields do. */
  readonly #takesNotes: boolean
  readonly #dropped: ReadonlySet<string>
  readonly #headers: readonly PlacedField<RequestContext>[]
  readonly #request: readonly PlacedField<RequestContext>[]
  readonly #stream: readonly PlacedField<StreamContext>[]

  constructor(options: AccessLogOptions) {
    const { fields, drop, headers } = options
    this.#told = new ToldPath(options.include_query, options.redact_query)
    this.#complete = fields === undefined && drop.length === 0
    this.#takesNotes = fields === undefined
    this.#dropped = new Set(drop)
    const added = headerFields(headers)
    this.#headers = added.map((field) => place(field))
    this.#request = chosen([...requestFields(this.#told), ...added], fields, this.#dropped)
    this.#stream = chosen(streamFields, fields, this.#dropped)
  }

  ofRequest(ctx: RequestContext, endedAt: number): string {
    const noted = ctx.get(notes)
    if (!this.#complete || (noted !== undefined && replaces(noted, this.#request))) {
      return this.#line(this.#request, ctx, endedAt)
    }
    const others = noted === undefined ? '' : this.#others(this.#request, noted)
    // Not a character of it is looked at before all of it is there.
    return `{${requestText(ctx, endedAt, this.#told)}${textOf(this.#headers, ctx, endedAt)}${others}}\n`
  }

  ofStream(ctx: StreamContext, endedAt: number): string {
    return this.#line(this.#stream, ctx, endedAt)
  }

  #line<E extends Exchange>(fields: readonly PlacedField<E>[], ctx: E, endedAt: number): string {
    const noted = ctx.get(notes)
    const text = textOf(fields, ctx, endedAt, noted)
    const others = noted !== undefined && this.#takesNotes ? this.#others(fields, noted) : ''
    return `{${`${text}${others}`.slice(1)}}\n`
  }

  /** What plugins have noted under names that nothing else has. */
  #others<E extends Exchange>(fields: readonly PlacedField<E>[], noted: Notes): string {
    return Object.entries(noted)
      .filter(([name]) => !this.#dropped.has(name) && !fields.some((field) => field.name === name))
      .map(([name, value]) => `,${json(name)}:${json(value)}`)
      .join('')
  }
}

function textOf<E extends Exchange>(
  fields: readonly PlacedField<E>[],
  ctx: E,
  endedAt: number,
  noted?: Notes,
): string {
  let text = ''
  for (const { name, prefix, valueOf } of fields) {
    const value = notedValue(noted, name) ?? valueOf(ctx, endedAt)
    if (value !== undefined) text += prefix + value
  }
  return text
}

/** The last one who notes a field counts, whosever it is. */
function replaces(noted: Notes, fields: readonly PlacedField<RequestContext>[]): boolean {
  return fields.some(({ name }) => Object.hasOwn(noted, name))
}

function notedValue(noted: Notes | undefined, name: string): string | undefined {
  if (noted === undefined || !Object.hasOwn(noted, name)) return undefined
  return json(noted[name])
}

/** @param names Those that are asked for; what a line has not is `null` then. */
function chosen<E extends Exchange>(
  known: readonly Field<E>[],
  names: readonly string[] | undefined,
  dropped: ReadonlySet<string>,
): PlacedField<E>[] {
  if (names === undefined) {
    return known.filter(({ name }) => !dropped.has(name)).map((field) => place(field))
  }
  return names.map((name) => {
    const field = known.find((other) => other.name === name)
    const named = place({ name, valueOf: (ctx: E, at) => field?.valueOf(ctx, at) ?? 'null' })
    // Without a name nothing that was noted takes its place.
    return dropped.has(name) ? { ...named, name: '', valueOf: () => 'null' } : named
  })
}

function place<E extends Exchange>(field: Field<E>): PlacedField<E> {
  return { ...field, prefix: `,${json(field.name)}:` }
}
