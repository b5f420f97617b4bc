const equals = '='

/** Finds a cookie in the `Cookie` lines of a request, and takes it out (RFC 6265 section 5.4). */
export class CookieField {
  readonly #prefix: string

  constructor(name: string) {
    this.#prefix = name + equals
  }

  /** True if the cookie may be in that line; false if it is not. */
  mayBeIn(line: string): boolean {
    return line.includes(this.#prefix)
  }

  /** What `accept` makes of the first value that it accepts. Empty values are passed over. */
  find<T>(lines: readonly string[], accept: (value: string) => T | undefined): T | undefined {
    for (const line of lines) {
      if (!this.mayBeIn(line)) continue
      for (const part of line.split(';')) {
        const value = this.#valueIn(part)
        const found = value === undefined || value === '' ? undefined : accept(value)
        if (found !== undefined) return found
      }
    }
    return undefined
  }

  /** A line without the cookie; what else is in it stays as it is. */
  without(line: string): string {
    const rest = line.split(';').filter((part) => this.#valueIn(part) === undefined)
    return rest.join(';').trimStart()
  }

  #valueIn(part: string): string | undefined {
    const pair = part.trim()
    return pair.startsWith(this.#prefix) ? pair.slice(this.#prefix.length) : undefined
  }
}
