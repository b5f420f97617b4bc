/** Paths as they may be told. */
export class ToldPath {
  readonly #withQuery: boolean
  readonly #secret: ReadonlySet<string>

  /** @param secret Names of parameters, in lower case. */
  constructor(withQuery: boolean, secret: readonly string[]) {
    this.#withQuery = withQuery
    this.#secret = new Set(secret.map((name) => name.toLowerCase()))
  }

  of(target: string): string {
    const query = target.indexOf('?')
    if (query < 0) return target
    const path = target.slice(0, query)
    if (!this.#withQuery) return path
    const parts = target.slice(query + 1).split('&')
    return `${path}?${parts.map((part) => this.#partOf(part)).join('&')}`
  }

  #partOf(part: string): string {
    const equals = part.indexOf('=')
    if (equals < 0) return part
    const name = part.slice(0, equals)
    return this.#secret.has(decoded(name).toLowerCase()) ? `${name}=[redacted]` : part
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}
