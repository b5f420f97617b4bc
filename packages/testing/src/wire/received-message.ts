import { fieldRecord, fieldValues } from './fields.ts'

/** What a request and a response look like to the one that received them. */
export abstract class ReceivedMessage {
  /** Name, value, …, in order and with their case. */
  abstract readonly rawHeaders: readonly string[]
  abstract readonly body: Buffer
  /** Name, value, …; empty until the body is complete. */
  abstract readonly rawTrailers: readonly string[]

  /** Values by lower-case name; those of a repeated name are joined with `", "`. */
  get headers(): Readonly<Record<string, string>> {
    return fieldRecord(this.rawHeaders)
  }

  /** The same of the trailer fields. */
  get trailers(): Readonly<Record<string, string>> {
    return fieldRecord(this.rawTrailers)
  }

  /** The body as UTF-8. */
  get text(): string {
    return this.body.toString('utf8')
  }

  /** Every value of a header field, unjoined. */
  headerValues(name: string): string[] {
    return fieldValues(this.rawHeaders, name)
  }

  /** The body parsed as JSON. */
  json(): unknown {
    return JSON.parse(this.text)
  }
}
