/** The parameters of a query that may be told. */
export class QueryParams {
  readonly #names: ReadonlySet<string>

  constructor(names: readonly string[]) {
    this.#names = new Set(names)
  }

  /** @param query Without its `?`. */
  of(query: string): string | undefined {
    if (query === '' || this.#names.size === 0) return undefined
    const told = query.split('&').filter((part) => this.#names.has(part.split('=', 1)[0] ?? ''))
    return told.length === 0 ? undefined : told.join('&')
  }
}
