/** Media types, some of which stand for many (RFC 9110 section 8.3.1). */
export class MediaTypes {
  readonly #exact = new Set<string>()
  /** Such as `text/`, for `text/*`; the empty one, for all. */
  readonly #prefixes: string[] = []
  /** Such as `+json`. */
  readonly #suffixes: string[] = []

  constructor(patterns: readonly string[]) {
    for (const pattern of patterns.map((text) => text.toLowerCase())) {
      if (pattern === '*/*') this.#prefixes.push('')
      else if (pattern.startsWith('*/*')) this.#suffixes.push(pattern.slice(3))
      else if (pattern.endsWith('/*')) this.#prefixes.push(pattern.slice(0, -1))
      else this.#exact.add(pattern)
    }
  }

  /** @param type In lower case, without parameters. */
  has(type: string): boolean {
    if (this.#exact.has(type)) return true
    for (const prefix of this.#prefixes) if (type.startsWith(prefix)) return true
    for (const suffix of this.#suffixes) if (type.endsWith(suffix)) return true
    return false
  }
}

/** The media type in a `Content-Type` field, in lower case. */
export function mediaTypeIn(field: string): string {
  const end = field.indexOf(';')
  return (end < 0 ? field : field.slice(0, end)).trim().toLowerCase()
}
