import type { GatewayRequest, HeaderList } from '@gatewright/kernel'
import { errors } from './errors.ts'
import { Objection } from './objection.ts'
import type { JwtOptions } from './options.ts'

/** One place of a request where a token may be. */
export interface TokenSource {
  /** `undefined` if there is none. Throws an {@link Objection} if there are several. */
  find(request: GatewayRequest): string | undefined
  /** Takes away what {@link TokenSource.find} looks at. */
  remove(request: GatewayRequest): void
}

/** The places that the options name, in their order. Throws GW_JWT_TWO_PLACES. */
export function tokenSources(
  options: Pick<JwtOptions, 'header' | 'sources' | 'allow_raw'>,
): readonly TokenSource[] {
  const { header = 'Authorization', sources, allow_raw: allowRaw } = options
  if (options.header !== undefined && sources.length > 0) {
    throw errors.GW_JWT_TWO_PLACES(undefined, { option: ['header'] })
  }
  const places = sources.length > 0 ? sources : [`header:${header}`]
  return places.map((place) => {
    const colon = place.indexOf(':')
    const name = place.slice(colon + 1)
    if (place.startsWith('cookie:')) return new CookieSource(name)
    if (place.startsWith('query:')) return new QuerySource(name)
    return new HeaderSource(name.toLowerCase(), allowRaw)
  })
}

class HeaderSource implements TokenSource {
  readonly #name: string
  readonly #allowRaw: boolean

  constructor(name: string, allowRaw: boolean) {
    this.#name = name
    this.#allowRaw = allowRaw
  }

  find({ headers }: GatewayRequest): string | undefined {
    const value = headers.get(this.#name)
    if (value === undefined) return undefined
    // Which of two counts, others may see differently.
    if (headers.getAll(this.#name).length > 1) throw new Objection('given more than once')
    // RFC 9110 section 11.1: the name of a scheme has no letter case.
    const token = /^bearer +(.*)$/i.exec(value)?.[1]
    if (token !== undefined) return token.trim()
    // Basic and others have a space; a token has none.
    return this.#allowRaw && value !== '' && !value.includes(' ') ? value : undefined
  }

  remove({ headers }: GatewayRequest): void {
    headers.delete(this.#name)
  }
}

class CookieSource implements TokenSource {
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  find({ headers }: GatewayRequest): string | undefined {
    let found: string | undefined
    for (const cookie of cookiesOf(headers)) {
      if (nameOf(cookie) !== this.#name) continue
      if (found !== undefined) throw new Objection('given more than once')
      found = cookie.slice(this.#name.length + 1)
    }
    return found === '' ? undefined : found
  }

  remove({ headers }: GatewayRequest): void {
    const kept = cookiesOf(headers).filter((cookie) => nameOf(cookie) !== this.#name)
    if (kept.length === 0) headers.delete('cookie')
    else headers.set('cookie', kept.join('; '))
  }
}

class QuerySource implements TokenSource {
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  find({ query }: GatewayRequest): string | undefined {
    if (query === '') return undefined
    const found = partsOf(query).filter((part) => nameOf(part) === this.#name)
    if (found.length > 1) throw new Objection('given more than once')
    const token = found[0]?.slice(this.#name.length + 1) ?? ''
    return token === '' ? undefined : token
  }

  remove(request: GatewayRequest): void {
    if (request.query === '') return
    const kept = partsOf(request.query).filter((part) => nameOf(part) !== this.#name)
    request.query = kept.length === 0 ? '' : `?${kept.join('&')}`
  }
}

function cookiesOf(headers: HeaderList): string[] {
  return headers
    .getAll('cookie')
    .flatMap((line) => line.split(';'))
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== '')
}

function partsOf(query: string): string[] {
  return query.slice(1).split('&')
}

/** What stands before the equals sign, as it came: a name that is encoded is another one. */
function nameOf(pair: string): string {
  const equals = pair.indexOf('=')
  return equals < 0 ? pair : pair.slice(0, equals)
}
