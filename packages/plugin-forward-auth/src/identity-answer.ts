import { type Consumer, IdentityFields } from '@gatewright/identity'
import type { HeaderList } from '@gatewright/kernel'
import { errors } from './errors.ts'
import { belongsToMessage } from './message-fields.ts'
import type { ForwardAuthOptions } from './options.ts'

/** A longer name is not worth trying a regular expression on it. */
const longestName = 100

type Options = Pick<
  ForwardAuthOptions,
  'forward_auth_response_headers' | 'forward_auth_response_headers_regex' | 'consumer_header'
>

/** Which fields of an answer tell the upstream who the client is. */
export class IdentityAnswer {
  readonly #names: ReadonlySet<string>
  readonly #fields: IdentityFields
  readonly #pattern: RegExp | undefined
  readonly #consumerField: string | undefined

  /** Throws GW_FORWARD_AUTH_BAD_FIELD. */
  constructor(options: Options) {
    const listed = options.forward_auth_response_headers
    const pattern = options.forward_auth_response_headers_regex
    for (const name of listed) {
      if (!belongsToMessage(name.toLowerCase())) continue
      throw errors.GW_FORWARD_AUTH_BAD_FIELD({ key: 'forward_auth_response_headers', name })
    }
    this.#names = new Set(listed.map((name) => name.toLowerCase()))
    this.#fields = new IdentityFields(listed)
    this.#pattern = pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`, 'u')
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

  /** Says to the upstream what the answer says. */
  copy(answer: HeaderList, headers: HeaderList): void {
    const names = new Set([...answer].map(([name]) => name))
    for (const name of names) {
      if (!this.#names.has(name) && !this.#matches(name)) continue
      const [first = '', ...others] = answer.getAll(name)
      headers.set(name, first)
      for (const value of others) headers.append(name, value)
    }
  }

  /** Who the answer says it is; its claims are the fields that the upstream gets. */
  consumerIn(answer: HeaderList): Consumer | undefined {
    if (this.#consumerField === undefined) return undefined
    const name = answer.get(this.#consumerField)
    if (name === undefined || name === '') return undefined
    const claims: Record<string, string> = {}
    for (const [field, value] of answer) {
      if (this.#names.has(field) || this.#matches(field)) claims[field] = value
    }
    return { name, claims }
  }

  #matches(name: string): boolean {
    if (this.#pattern === undefined || name.length > longestName) return false
    return this.#pattern.test(name) && !belongsToMessage(name) && name !== 'set-cookie'
  }
}
