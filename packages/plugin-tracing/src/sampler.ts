/** Decides for a trace that nobody has decided for whether it is recorded. */
export class Sampler {
  readonly #rate: number
  readonly #paths: ReadonlySet<string>
  readonly #prefixes: readonly string[]

  /** @param excluded Paths that are not recorded; those that end in `/` stand for all that begin so. */
  constructor(rate: number, excluded: readonly string[]) {
    this.#rate = rate
    this.#paths = new Set(excluded.filter((path) => !path.endsWith('/')))
    this.#prefixes = excluded.filter((path) => path.endsWith('/'))
  }

  /** By the low half of the id, so that every gateway with that rate decides the same. */
  includes(traceId: string): boolean {
    if (this.#rate === 1) return true
    if (this.#rate === 0) return false
    // 52 of the 64 bits, which a number can hold.
    return Number.parseInt(traceId.slice(16, 29), 16) < this.#rate * 2 ** 52
  }

  /** True for the target of a request that is not recorded. */
  excludes(target: string): boolean {
    if (this.#paths.size === 0 && this.#prefixes.length === 0) return false
    const query = target.indexOf('?')
    const path = query < 0 ? target : target.slice(0, query)
    return this.#paths.has(path) || this.#prefixes.some((prefix) => path.startsWith(prefix))
  }
}
