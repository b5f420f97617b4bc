import type { StickyOptions } from './options.ts'

/** What a cookie says beside its value. */
export type CookieAttributes = Pick<
  StickyOptions,
  'ttl' | 'http_only' | 'same_site' | 'path' | 'domain' | 'partitioned'
>

const sameSites = { lax: 'Lax', strict: 'Strict', none: 'None' } as const

/** Writes `Set-Cookie` fields; everything but the value is there beforehand. */
export class SetCookie {
  readonly #start: string
  readonly #end: string

  constructor(name: string, attributes: CookieAttributes) {
    const { ttl, http_only: httpOnly, same_site: sameSite, path, domain, partitioned } = attributes
    const parts = ['', `Path=${path}`]
    if (domain !== undefined) parts.push(`Domain=${domain}`)
    // Browsers know whole seconds only, and 0 would remove the cookie.
    if (ttl > 0) parts.push(`Max-Age=${Math.ceil(ttl / 1000)}`)
    if (httpOnly) parts.push('HttpOnly')
    parts.push(`SameSite=${sameSites[sameSite]}`)
    if (partitioned) parts.push('Partitioned')
    this.#start = `${name}=`
    this.#end = parts.join('; ')
  }

  /** @param secure Whether the client may send it over TLS only. */
  write(value: string, secure: boolean): string {
    const field = this.#start + value + this.#end
    return secure ? `${field}; Secure` : field
  }
}
