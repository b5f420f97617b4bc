import {
  type Exchange,
  type Noted,
  notes,
  type RequestContext,
  type StreamContext,
} from '@gatewright/kernel'
import { type Field, requestFields, streamFields } from './fields.ts'
import type { AccessLogOptions } from './options.ts'

/** A field and where it stands. */
interface PlacedField<E extends Exchange> extends Field<E> {
  /** `,"name":` */
  readonly prefix: string
}

/**
 * Lines of JSON. Which fields there are is settled when a configuration is built, so that a line is
 * put together without an object for it.
 */
export class JsonLines {
  readonly #requestFields: readonly PlacedField<RequestContext>[]
  readonly #streamFields: readonly PlacedField<StreamContext>[]
  /** Notes of plugins stand in a line, unless those are all that may. */
  readonly #open: boolean
  readonly #dropped: ReadonlySet<string>

  constructor(options: AccessLogOptions) {
    const { fields, drop } = options
    this.#open = fields === undefined
    this.#dropped = new Set(drop)
    this.#requestFields = placed(requestFields(options), fields, this.#dropped)
    this.#streamFields = placed(streamFields(), fields, this.#dropped)
  }

  ofRequest(ctx: RequestContext, endedAt: number): string {
    return this.#line(this.#requestFields, ctx, endedAt)
  }

  ofStream(ctx: StreamContext, endedAt: number): string {
    return this.#line(this.#streamFields, ctx, endedAt)
  }

  #line<E extends Exchange>(fields: readonly PlacedField<E>[], ctx: E, endedAt: number): string {
    const noted = ctx.get(notes)
    let line = ''
    for (const field of fields) {
      const value = notedValue(noted, field.name) ?? field.valueOf(ctx, endedAt)
      if (value !== undefined) line += field.prefix + value
    }
    if (noted !== undefined && this.#open) line += this.#others(fields, noted)
    return `{${line.slice(1)}}\n`
  }

  /** What plugins have noted under names that nothing else has. */
  #others<E extends Exchange>(
    fields: readonly PlacedField<E>[],
    noted: Readonly<Record<string, Noted>>,
  ): string {
    return Object.entries(noted)
      .filter(([name]) => !this.#dropped.has(name) && !fields.some((field) => field.name === name))
      .map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
      .join('')
  }
}

function notedValue(
  noted: Readonly<Record<string, Noted>> | undefined,
  name: string,
): string | undefined {
  if (noted === undefined || !Object.hasOwn(noted, name)) return undefined
  return JSON.stringify(noted[name])
}

/** @param names Those that are asked for; what a line has not is `null` then. */
function placed<E extends Exchange>(
  known: readonly Field<E>[],
  names: readonly string[] | undefined,
  dropped: ReadonlySet<string>,
): PlacedField<E>[] {
  const place = (field: Field<E>): PlacedField<E> => ({
    ...field,
    prefix: `,${JSON.stringify(field.name)}:`,
  })
  if (names === undefined) {
    return known.filter(({ name }) => !dropped.has(name)).map((field) => place(field))
  }
  return names.map((name) => {
    const field = dropped.has(name) ? undefined : known.find((other) => other.name === name)
    return place({ name, valueOf: (ctx, at) => field?.valueOf(ctx, at) ?? 'null' })
  })
}
