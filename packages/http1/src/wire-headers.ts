import { checkField, HeaderList } from '@gatewright/kernel'
import type { HeaderBlock } from './compose/header-block.ts'
import { FieldSection } from './head/field-section.ts'
import { Kind, type KindSet } from './syntax/kinds.ts'
import { equalsIgnoringCase } from './syntax/names.ts'

const noFields: string[] = []
const emptySection = new FieldSection(0, 0)

/**
 * The header of a received message, read from its bytes; edits are kept beside them, so that what
 * nobody touched is sent on as it came. Behaves like the flat list of the same fields, in this
 * order: an injected block, received fields, appended ones.
 *
 * Reads as empty once the head has been given back to its pool.
 */
export class WireHeaders extends HeaderList {
  #section: FieldSection
  #generation: number
  /** 1 for each line that is gone. */
  #removed: Uint8Array | undefined = undefined
  #removedCount = 0
  #block: HeaderBlock | undefined = undefined
  #appended: string[] = noFields

  constructor(section: FieldSection) {
    super(noFields)
    this.#section = section
    this.#generation = section.generation
  }

  /** The received lines; an empty section once they are gone. For the composer. @internal */
  get section(): FieldSection {
    if (this.#section.generation !== this.#generation) this.#detach()
    return this.#section
  }

  /** 1 for each line of the section that is gone. For the composer. @internal */
  get removed(): Uint8Array | undefined {
    return this.#removed
  }

  /** Sent before the received fields. For the composer. @internal */
  get block(): HeaderBlock | undefined {
    return this.#block
  }

  /** Name, value, name, value, …, sent after the received fields. For the composer. @internal */
  get appended(): readonly string[] {
    return this.#appended
  }

  override get size(): number {
    const received = this.section.count - this.#removedCount
    return received + ((this.#block?.fields.length ?? 0) + this.#appended.length) / 2
  }

  override get(name: string): string | undefined {
    const { section } = this
    const injected = this.#block?.get(name)
    if (injected !== undefined) return injected
    const line = this.#find(name, 0)
    if (line >= 0) return section.value(line)
    const appended = this.#appended
    for (let i = 0; i < appended.length; i += 2) if (appended[i] === name) return appended[i + 1]
    return undefined
  }

  override getAll(name: string): string[] {
    const { section } = this
    const values: string[] = []
    addValues(values, this.#block?.fields ?? noFields, name)
    for (let line = this.#find(name, 0); line >= 0; line = this.#find(name, line + 1)) {
      values.push(section.value(line))
    }
    addValues(values, this.#appended, name)
    return values
  }

  override has(name: string): boolean {
    // Asks the section first: it may have to detach.
    if (this.#find(name, 0) >= 0) return true
    return this.#block?.get(name) !== undefined || hasName(this.#appended, name)
  }

  override set(name: string, value: string): void {
    checkField(name, value)
    this.delete(name)
    this.#push(name, value)
  }

  override append(name: string, value: string): void {
    checkField(name, value)
    this.#push(name, value)
  }

  override delete(name: string): void {
    this.noteCleared(name)
    for (let line = this.#find(name, 0); line >= 0; line = this.#find(name, line + 1)) {
      this.#remove(line)
    }
    this.#setBlock(this.#block?.without(name))
    if (this.#appended.includes(name)) this.#appended = withoutName(this.#appended, name)
  }

  /** Puts ready lines first, in place of an earlier block and of the received fields of some kinds. */
  inject(block: HeaderBlock, replaced: KindSet): void {
    const { section } = this
    if ((section.seen & replaced) !== 0) {
      for (let line = 0; line < section.count; line++) {
        const kind = section.kind(line)
        if (kind !== Kind.other && (replaced & (1 << kind)) !== 0) this.#remove(line)
      }
    }
    this.#setBlock(block)
  }

  /** An independent copy with its own bytes: still cheap to send, and valid as long as it is held. */
  override clone(): WireHeaders {
    const copy = new WireHeaders(this.section.copyFields())
    copy.#removed = this.#removed?.slice()
    copy.#removedCount = this.#removedCount
    copy.#block = this.#block
    copy.#appended = this.#appended === noFields ? noFields : this.#appended.slice()
    return copy.alsoCleared(this)
  }

  /** A new array each time, unlike that of the flat list. @internal */
  override raw(): readonly string[] {
    const { section } = this
    const fields = this.#block === undefined ? [] : [...this.#block.fields]
    for (let line = 0; line < section.count; line++) {
      if (this.#removed?.[line] !== 1) fields.push(section.name(line), section.value(line))
    }
    for (const text of this.#appended) fields.push(text)
    return fields
  }

  /** First line of that name from `from` on that is still there, or -1. */
  #find(name: string, from: number): number {
    const { section } = this
    const removed = this.#removed
    for (let line = from; line < section.count; line++) {
      if (removed?.[line] === 1) continue
      const start = section.offset(line, 0)
      if (equalsIgnoringCase(section.buf, start, section.offset(line, 1), name)) return line
    }
    return -1
  }

  #remove(line: number): void {
    this.#removed ??= new Uint8Array(this.section.count)
    if (this.#removed[line] === 1) return
    this.#removed[line] = 1
    this.#removedCount++
  }

  #push(name: string, value: string): void {
    if (this.section === emptySection) return
    if (this.#appended === noFields) this.#appended = []
    this.#appended.push(name, value)
  }

  #setBlock(block: HeaderBlock | undefined): void {
    this.#block = block?.fields.length === 0 ? undefined : block
  }

  #detach(): void {
    this.#section = emptySection
    this.#generation = emptySection.generation
    this.#removed = undefined
    this.#removedCount = 0
    this.#block = undefined
    this.#appended = noFields
  }
}

function addValues(values: string[], fields: readonly string[], name: string): void {
  for (let i = 0; i < fields.length; i += 2)
    if (fields[i] === name) values.push(fields[i + 1] ?? '')
}

function hasName(fields: readonly string[], name: string): boolean {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return true
  return false
}

function withoutName(fields: readonly string[], name: string): string[] {
  const rest: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    const field = fields[i] ?? ''
    if (field !== name) rest.push(field, fields[i + 1] ?? '')
  }
  return rest.length === 0 ? noFields : rest
}
