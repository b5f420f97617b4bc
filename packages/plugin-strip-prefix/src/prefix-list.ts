import type { StripPrefixOptions } from './options.ts'

/** The prefixes of one middleware, prepared for looking at many paths. */
export class PrefixList {
  readonly #prefixes: readonly Prefix[]
  readonly #longest: boolean

  constructor({ prefixes, strict, match }: StripPrefixOptions) {
    this.#prefixes = prefixes.map((text) => new Prefix(text, strict))
    this.#longest = match === 'longest'
  }

  /** How much of the path is to be removed; `undefined` if no prefix matches. Does not allocate. */
  lengthIn(path: string): number | undefined {
    let longest: number | undefined
    for (const prefix of this.#prefixes) {
      const length = prefix.lengthIn(path)
      if (length === undefined) continue
      if (!this.#longest) return length
      // A wildcard is as long as the segment that it meets, so the list cannot be sorted before.
      if (longest === undefined || length > longest) longest = length
    }
    return longest
  }
}

class Prefix {
  /** What the path must begin with; before a wildcard it ends with a slash. */
  readonly #literal: string
  readonly #wildcard: boolean
  readonly #strict: boolean

  constructor(text: string, strict: boolean) {
    this.#wildcard = text.endsWith('/*')
    this.#literal = this.#wildcard ? text.slice(0, -1) : text
    this.#strict = strict
  }

  lengthIn(path: string): number | undefined {
    if (!path.startsWith(this.#literal)) return undefined
    const { length } = this.#literal
    if (this.#wildcard) {
      const slash = path.indexOf('/', length)
      return slash < 0 ? path.length : slash
    }
    return this.#strict && !isBoundary(path, length) ? undefined : length
  }
}

/** True if a segment ends just before `index`. */
function isBoundary(path: string, index: number): boolean {
  return index === path.length || path[index] === '/' || path[index - 1] === '/'
}
