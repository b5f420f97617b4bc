/**
 * Header fields in their order, and the check that keeps injected ones out.
 *
 * @module
 */
import { errors } from './errors.ts'

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/

/** The name of a field; a literal one with capitals, which would never be found, does not compile. */
export type FieldName<N extends string> = N & (string extends N ? unknown : Lowercase<N>)

/** Header fields as an object: one value each, or a list of them. Names in any case. */
export type Fields = Readonly<Record<string, string | readonly string[]>>

/**
 * Ordered header fields in one flat array, names lower-cased.
 *
 * Every `name` given to a method must be lower-case. Values are byte strings (latin1), as on the
 * wire (RFC 9110 section 5.5). A protocol may hand out a subclass that reads from received bytes;
 * it behaves the same.
 */
export class HeaderList implements Iterable<readonly [name: string, value: string]> {
  #fields: string[]
  #cleared: string[] | undefined = undefined

  /** @param fields Name, value, name, value, …; names in lower case. Kept, not copied. */
  constructor(fields: string[] = []) {
    this.#fields = fields
  }

  /** Takes ownership of Node's `rawHeaders` and lower-cases the names in place. */
  static fromRaw(rawHeaders: string[]): HeaderList {
    for (let i = 0; i < rawHeaders.length; i += 2) {
      rawHeaders[i] = (rawHeaders[i] ?? '').toLowerCase()
    }
    return new HeaderList(rawHeaders)
  }

  /** Throws GW_INVALID_HEADER. */
  static from(fields: Fields): HeaderList {
    const headers = new HeaderList()
    for (const [name, values] of Object.entries(fields)) {
      for (const value of typeof values === 'string' ? [values] : values) {
        headers.append(name.toLowerCase(), value)
      }
    }
    return headers
  }

  /** How many fields there are; a repeated name counts each time. */
  get size(): number {
    return this.#fields.length / 2
  }

  /** First value. */
  get<const N extends string>(name: FieldName<N>): string | undefined {
    const fields = this.#fields
    for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1]
    return undefined
  }

  getAll<const N extends string>(name: FieldName<N>): string[] {
    const fields = this.#fields
    const values: string[] = []
    for (let i = 0; i < fields.length; i += 2) {
      if (fields[i] === name) values.push(fields[i + 1] ?? '')
    }
    return values
  }

  has<const N extends string>(name: FieldName<N>): boolean {
    return this.get(name) !== undefined
  }

  /** Replaces every field of that name by one, which stands last. Throws GW_INVALID_HEADER. */
  set<const N extends string>(name: FieldName<N>, value: string): void {
    checkField(name, value)
    this.delete(name)
    this.#fields.push(name, value)
  }

  /** Adds a field after the others. Throws GW_INVALID_HEADER. */
  append<const N extends string>(name: FieldName<N>, value: string): void {
    checkField(name, value)
    this.#fields.push(name, value)
  }

  delete<const N extends string>(name: FieldName<N>): void {
    this.noteCleared(name)
    const fields = this.#fields
    let kept = 0
    for (let i = 0; i < fields.length; i += 2) {
      if (fields[i] === name) continue
      if (kept !== i) {
        fields[kept] = fields[i] ?? ''
        fields[kept + 1] = fields[i + 1] ?? ''
      }
      kept += 2
    }
    fields.length = kept
  }

  /** An independent copy. */
  clone(): HeaderList {
    return new HeaderList(this.raw().slice()).alsoCleared(this)
  }

  /**
   * The trailers without those that this head has not, or has otherwise, because somebody removed or
   * set them: they would come back for a recipient that merges both (RFC 9110 section 6.5.1).
   * @internal
   */
  filterTrailers(trailers: HeaderList): HeaderList {
    const cleared = this.#cleared
    if (cleared === undefined) return trailers
    const kept: string[] = []
    for (const [name, value] of trailers) if (!cleared.includes(name)) kept.push(name, value)
    return new HeaderList(kept)
  }

  /** Somebody removed or set fields of that name. @internal */
  noteCleared(name: string): void {
    this.#cleared ??= []
    this.#cleared.push(name)
  }

  /** Takes over what is known of the head that this is a copy of. @internal */
  alsoCleared(original: HeaderList): this {
    this.#cleared = original.#cleared?.slice()
    return this
  }

  /** The fields as one flat array, for transports. Do not keep or change it. @internal */
  raw(): readonly string[] {
    return this.#fields
  }

  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    const fields = this.raw()
    for (let i = 0; i < fields.length; i += 2) yield [fields[i] ?? '', fields[i + 1] ?? '']
  }
}

/**
 * Refuses what could end a line early or start another one (RFC 9110 section 5.5): a plugin that
 * copies a value from elsewhere must not be able to inject a field.
 */
export function checkField(name: string, value: string): void {
  if (!token.test(name)) throw errors.GW_INVALID_HEADER({ name, problem: 'name' })
  if (!fieldValue.test(value)) throw errors.GW_INVALID_HEADER({ name, problem: 'value' })
}

/** True if {@link checkField} has nothing against it. */
export function isField(name: string, value: string): boolean {
  return token.test(name) && fieldValue.test(value)
}
