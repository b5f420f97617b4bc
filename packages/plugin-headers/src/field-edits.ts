import { checkField, type HeaderList, type RequestContext } from '@gatewright/kernel'
import { errors } from './errors.ts'
import { Template } from './template.ts'

/** What framing and the connection are made of; the transports write these. */
const forbidden = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Where a change is asked for: the option, and the name in it as it is written. */
type Option = readonly [key: string, ...name: string[]]

interface Edit {
  /** In lower case. */
  readonly name: string
  readonly what: 'set' | 'append' | 'remove'
  readonly value: Template
  /** The option that asks for it, for messages. */
  readonly key: string
}

/** Changes to the header fields of one direction, checked when the configuration is loaded. */
export class FieldEdits {
  readonly #edits: Edit[] = []

  get size(): number {
    return this.#edits.length
  }

  /** The option that changes the field already; `undefined` if none does. */
  keyOf(name: string): string | undefined {
    return this.#edits.find((edit) => edit.name === name)?.key
  }

  /** Sets the fields; those without a value are removed. */
  set(fields: Readonly<Record<string, string>>, key: string): void {
    for (const [name, text] of Object.entries(fields)) this.#set(name, text, [key, name])
  }

  /** Sets the one field that the option stands for. */
  preset(name: string, text: string, key: string): void {
    this.#set(name, text, [key])
  }

  append(fields: Readonly<Record<string, string>>, key: string): void {
    for (const [name, text] of Object.entries(fields)) {
      this.#add(name.toLowerCase(), 'append', text, [key, name])
    }
  }

  apply(headers: HeaderList, ctx: RequestContext): void {
    for (const { name, what, value } of this.#edits) {
      if (what === 'remove') headers.delete(name)
      else if (what === 'set') headers.set(name, value.fill(ctx))
      else headers.append(name, value.fill(ctx))
    }
  }

  #set(written: string, text: string, option: Option): void {
    const name = written.toLowerCase()
    const first = this.keyOf(name)
    if (first !== undefined) throw errors.GW_HEADERS_DUPLICATE_FIELD({ name, first }, { option })
    this.#add(name, text === '' ? 'remove' : 'set', text, option)
  }

  #add(name: string, what: Edit['what'], text: string, option: Option): void {
    if (forbidden.has(name)) throw errors.GW_HEADERS_FORBIDDEN_FIELD({ name }, { option })
    if (!isAllowed(name, '')) {
      throw errors.GW_HEADERS_INVALID_FIELD({ name, problem: 'name' }, { option })
    }
    const value = new Template(text, option)
    if (!isAllowed(name, value.literal)) {
      throw errors.GW_HEADERS_INVALID_FIELD({ name, problem: 'value' }, { option })
    }
    this.#edits.push({ name, what, value, key: option[0] })
  }
}

function isAllowed(name: string, value: string): boolean {
  try {
    checkField(name, value)
    return true
  } catch {
    // The error names a request; here it is a configuration that is wrong.
    return false
  }
}
