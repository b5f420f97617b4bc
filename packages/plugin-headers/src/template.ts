import { requestIdOf } from '@gatewright/identity'
import type { ConfigPath, RequestContext } from '@gatewright/kernel'
import { errors } from './errors.ts'

type Source = (ctx: RequestContext) => string

/** What a placeholder stands for, by its name. */
const sources: ReadonlyMap<string, Source> = new Map<string, Source>([
  ['client_ip', (ctx) => ctx.clientAddress],
  ['request_id', requestIdOf],
  // What the client asked for, even if `host_override` or another middleware changed it since.
  ['host', (ctx) => ctx.request.head.authority],
  ['router', (ctx) => ctx.route?.router ?? ''],
  ['service', (ctx) => ctx.route?.service ?? ''],
])

/** Braces around anything else, such as JSON, stand for themselves. */
const placeholder = /\{([a-z_]+)\}/g

/** A field value in which placeholders such as `{client_ip}` are filled in for each request. */
export class Template {
  /** Text, source, text, source, …, text. */
  readonly #parts: readonly (string | Source)[]

  /** @param option Where it stands, for the error. */
  constructor(text: string, option: ConfigPath) {
    this.#parts = text.split(placeholder).map((part, index) => {
      if (index % 2 === 0) return part
      const source = sources.get(part)
      if (source !== undefined) return source
      const known = [...sources.keys()].join(', ')
      throw errors.GW_HEADERS_UNKNOWN_PLACEHOLDER({ placeholder: part, known }, { option })
    })
  }

  /** The text without what placeholders stand for. */
  get literal(): string {
    return this.#parts.filter((part) => typeof part === 'string').join('')
  }

  fill(ctx: RequestContext): string {
    const parts = this.#parts
    const [first] = parts
    // Most values have no placeholder.
    if (parts.length === 1 && typeof first === 'string') return first
    let text = ''
    for (const part of parts) text += typeof part === 'string' ? part : part(ctx)
    return text
  }
}
