import { errors } from '@gatewright/kernel'
import { hopByHopKinds, Kind, kindOf, kindSet } from '../syntax/kinds.ts'
import { noRoom, writeField } from './write-field.ts'

/** What the composer writes itself: a second one would make two messages of one. */
const composedKinds = hopByHopKinds | kindSet(Kind.host, Kind.contentLength, Kind.expect)

/**
 * Field lines made once and sent often, such as the `X-Forwarded-…` fields of one client
 * connection: their strings for whoever reads the header, their bytes for the wire.
 */
export class HeaderBlock {
  /** Name, value, name, value, …; names in lower case. */
  readonly fields: readonly string[]
  /** The lines, each with CR LF. */
  readonly bytes: Buffer

  /** Throws GW_INVALID_HEADER, also for fields that frame or route a message. */
  constructor(fields: readonly string[]) {
    this.fields = fields
    let length = 0
    for (const text of fields) length += text.length + 2
    this.bytes = Buffer.allocUnsafeSlow(length)
    let position = 0
    for (let i = 0; i < fields.length; i += 2) {
      position = this.#write(position, fields[i] ?? '', fields[i + 1] ?? '')
    }
  }

  /** First value of a name, which is lower-case. */
  get(name: string): string | undefined {
    const { fields } = this
    for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1]
    return undefined
  }

  /** This block without a name; itself if it does not have it. */
  without(name: string): HeaderBlock {
    if (this.get(name) === undefined) return this
    const rest: string[] = []
    for (let i = 0; i < this.fields.length; i += 2) {
      const field = this.fields[i] ?? ''
      if (field !== name) rest.push(field, this.fields[i + 1] ?? '')
    }
    return new HeaderBlock(rest)
  }

  #write(position: number, name: string, value: string): number {
    const end = writeField(this.bytes, position, name, value)
    if (end === noRoom) throw new RangeError('fields come in pairs')
    const kind = kindOf(this.bytes, position, position + name.length)
    if ((composedKinds & (1 << kind)) !== 0) {
      throw errors.GW_INVALID_HEADER({ name, problem: 'name' })
    }
    return end
  }
}
