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

interface Edit {
  /** In lower case. */
  readonly name: string
  readonly what: 'set' | 'append' | 'remove'
  readonly value: Template
  /** The option that asks for it. */
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
    for (const [written, text] of Object.entries(fields)) {
      const name = written.toLowerCase()
      const first = this.keyOf(name)
      if (first !== undefined) throw errors.GW_HEADERS_DUPLICATE_FIELD({ key, name, first })
      this.#add(name, text === '' ? 'remove' : 'set', text, key)
    }
  }

  append(fields: Readonly<Record<string, string>>, key: string): void {
    for (const [name, text] of Object.entries(fields)) {
      this.#add(name.toLowerCase(), 'append', text, key)
    }
  }

  apply(headers: HeaderList, ctx: RequestContext): void {
    for (const { name, what, value } of this.#edits) {
      if (what === 'remove') headers.delete(name)
      else if (what === 'set') headers.set(name, value.fill(ctx))
      else headers.append(name, value.fill(ctx))
    }
  }

  #add(name: string, what: Edit['what'], text: string, key: string): void {
    if (forbidden.has(name)) throw errors.GW_HEADERS_FORBIDDEN_FIELD({ key, name })
    if (!isAllowed(name, '')) {
      throw errors.GW_HEADERS_INVALID_FIELD({ key, name, problem: 'name' })
    }
    const value = new Template(text, { key, name })
    if (!isAllowed(name, value.literal)) {
      throw errors.GW_HEADERS_INVALID_FIELD({ key, name, problem: 'value' })
    }
    this.#edits.push({ name, what, value, key })
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
