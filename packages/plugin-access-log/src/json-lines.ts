import {
  type Exchange,
  type Noted,
  notes,
  type RequestContext,
  type Scope,
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
  /** Nobody but plugins knows it, by a note. */
  readonly isNoted: boolean
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
  /** Names that no note has, whatever the options make of the lines. */
  readonly #own: ReadonlySet<string>
  readonly #log: Pick<Scope['log'], 'warn'>
  /** Notes that were told to be in vain; no more than there are fields. */
  readonly #warned = new Set<string>()

  /** @param log Where notes are told that have the name of another field. */
  constructor(options: AccessLogOptions, log: Pick<Scope['log'], 'warn'>) {
    const { fields, drop, headers } = options
    this.#told = new ToldPath(options.include_query, options.redact_query)
    this.#complete = fields === undefined && drop.length === 0
    this.#takesNotes = fields === undefined
    this.#dropped = new Set(drop)
    const added = headerFields(headers)
    this.#headers = added.map((field) => place(field))
    const known = requestFields(this.#told)
    this.#request = chosen([...known, ...added], fields, this.#dropped)
    const names = [...known, ...streamFields].map(({ name }) => name)
    this.#own = new Set([...names, 'request_headers', 'response_headers'])
    this.#log = log
    this.#stream = chosen(streamFields, fields, this.#dropped)
  }

  ofRequest(ctx: RequestContext, endedAt: number): string {
    if (!this.#complete) return this.#line(this.#request, ctx, endedAt)
    const noted = ctx.get(notes)
    const others = noted === undefined ? '' : this.#others(noted)
    // Not a character of it is looked at before all of it is there.
    return `{${requestText(ctx, endedAt, this.#told)}${textOf(this.#headers, ctx, endedAt)}${others}}\n`
  }

  ofStream(ctx: StreamContext, endedAt: number): string {
    return this.#line(this.#stream, ctx, endedAt)
  }

  #line<E extends Exchange>(fields: readonly PlacedField<E>[], ctx: E, endedAt: number): string {
    const noted = ctx.get(notes)
    const text = textOf(fields, ctx, endedAt, noted)
    const others = noted === undefined ? '' : this.#others(noted)
    return `{${`${text}${others}`.slice(1)}}\n`
  }

  /** What plugins have noted under names that nothing else has; tells once of the others. */
  #others(noted: Notes): string {
    let text = ''
    for (const [name, value] of Object.entries(noted)) {
      if (this.#own.has(name)) this.#warn(name)
      else if (this.#takesNotes && !this.#dropped.has(name)) text += `,${json(name)}:${json(value)}`
    }
    return text
  }

  #warn(field: string): void {
    if (this.#warned.has(field)) return
    this.#warned.add(field)
    this.#log.warn(
      { field, hint: 'have the plugin call note() with another name' },
      'a plugin notes a field that the access log has anyway; its note is left out',
    )
  }
}

function textOf<E extends Exchange>(
  fields: readonly PlacedField<E>[],
  ctx: E,
  endedAt: number,
  noted?: Notes,
): string {
  let text = ''
  for (const { name, prefix, isNoted, valueOf } of fields) {
    const value = (isNoted ? notedValue(noted, name) : undefined) ?? valueOf(ctx, endedAt)
    if (value !== undefined) text += prefix + value
  }
  return text
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
    const isDropped = dropped.has(name)
    const valueOf = (ctx: E, at: number): string =>
      (isDropped ? undefined : field?.valueOf(ctx, at)) ?? 'null'
    return place({ name, valueOf }, field === undefined && !isDropped)
  })
}

function place<E extends Exchange>(field: Field<E>, isNoted = false): PlacedField<E> {
  return { ...field, prefix: `,${json(field.name)}:`, isNoted }
}
