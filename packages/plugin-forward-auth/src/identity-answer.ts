import { type Consumer, IdentityFields } from '@gatewright/identity'
import { HeaderList, problemOf } from '@gatewright/kernel'
import { Pattern } from '@gatewright/plugin-router'
import { errors } from './errors.ts'
import { belongsToMessage } from './message-fields.ts'
import type { ForwardAuthOptions } from './options.ts'

/** A longer name is not worth trying a pattern on it. */
const longestName = 100

type Options = Pick<
  ForwardAuthOptions,
  'forward_auth_response_headers' | 'forward_auth_response_headers_regex' | 'consumer_header'
>

/** What an answer says about the client. */
export interface Identity {
  /** Fields for the upstream. */
  readonly fields: HeaderList
  /** `undefined` if nobody asked for it, or the answer does not say. */
  readonly consumer: Consumer | undefined
}

/** Which fields of an answer tell the upstream who the client is. */
export class IdentityAnswer {
  readonly #names: ReadonlySet<string>
  readonly #fields: IdentityFields
  readonly #pattern: Pattern | undefined
  readonly #consumerField: string | undefined

  /** Throws GW_FORWARD_AUTH_BAD_FIELD and GW_FORWARD_AUTH_PATTERN. */
  constructor(options: Options) {
    const listed = options.forward_auth_response_headers
    const pattern = options.forward_auth_response_headers_regex
    for (const [index, name] of listed.entries()) {
      if (!belongsToMessage(name.toLowerCase())) continue
      const option = ['forward_auth_response_headers', index]
      throw errors.GW_FORWARD_AUTH_BAD_FIELD({ name }, { option })
    }
    this.#names = new Set(listed.map((name) => name.toLowerCase()))
    this.#fields = new IdentityFields(listed, ['forward_auth_response_headers'])
    this.#pattern = pattern === undefined ? undefined : parsePattern(pattern)
    this.#consumerField = options.consumer_header?.toLowerCase()
  }

  /** Removes what a client says about itself. */
  clear(headers: HeaderList): void {
    this.#fields.clear(headers)
    if (this.#pattern === undefined) return
    const names = new Set([...headers].map(([name]) => name))
    for (const name of names) {
      const dashed = name.replaceAll('_', '-')
      const spoofs = this.#matches(name) || this.#matches(dashed) || name.length > longestName
      if (spoofs && !belongsToMessage(dashed)) headers.delete(name)
    }
  }

  /** What is told of the client; nothing else of the answer needs to be kept. */
  read(answer: HeaderList): Identity {
    const fields = new HeaderList()
    for (const [name, value] of answer) {
      if (this.#names.has(name) || this.#matches(name)) fields.append(name, value)
    }
    return { fields, consumer: this.#consumerIn(answer, fields) }
  }

  /** Says it to the upstream. */
  tell({ fields }: Identity, headers: HeaderList): void {
    for (const [name] of fields) headers.delete(name)
    for (const [name, value] of fields) headers.append(name, value)
  }

  #consumerIn(answer: HeaderList, fields: HeaderList): Consumer | undefined {
    if (this.#consumerField === undefined) return undefined
    const name = answer.get(this.#consumerField)
    if (name === undefined || name === '') return undefined
    return { name, claims: Object.fromEntries(fields) }
  }

  #matches(name: string): boolean {
    if (this.#pattern === undefined || name.length > longestName) return false
    return this.#pattern.test(name) && !belongsToMessage(name) && name !== 'set-cookie'
  }
}

/** Clients choose the names of their fields, so that nothing may backtrack over them. */
function parsePattern(pattern: string): Pattern {
  try {
    return new Pattern(`^(?:${pattern})$`)
  } catch (error) {
    const option = ['forward_auth_response_headers_regex']
    throw errors.GW_FORWARD_AUTH_PATTERN({ pattern, problem: problemOf(error) }, { option })
  }
}
