const semicolon = 59
const space = 32
const tab = 9

/**
 * Finds a cookie in the `Cookie` lines of a request, and takes it out (RFC 6265 section 5.4), without
 * cutting lines to pieces.
 */
export class CookieField {
  readonly #prefix: string

  constructor(name: string) {
    this.#prefix = `${name}=`
  }

  /** What `accept` makes of the first value that it accepts. Empty values are passed over. */
  find<T>(lines: readonly string[], accept: (value: string) => T | undefined): T | undefined {
    for (const line of lines) {
      for (let at = this.#next(line, 0); at >= 0; at = this.#next(line, at + 1)) {
        const value = line.slice(at + this.#prefix.length, endOfPair(line, at)).trimEnd()
        const found = value === '' ? undefined : accept(value)
        if (found !== undefined) return found
      }
    }
    return undefined
  }

  /** A line without the cookie; what else is in it stays as it is. The same line if it has none. */
  without(line: string): string {
    let at = this.#next(line, 0)
    if (at < 0) return line
    let rest = ''
    /** What is from here on has not been looked at. */
    let from = 0
    for (; at >= 0; at = this.#next(line, from)) {
      const start = line.lastIndexOf(';', at) + 1
      const end = endOfPair(line, at)
      // One semicolon goes with the cookie: the one behind it at the beginning, else that before it.
      if (start > from) rest += line.slice(from, start - 1)
      from = start > from ? end : end + 1
    }
    return (rest + line.slice(from)).trimStart()
  }

  /** Where the cookie begins, at `from` or behind it; -1 if it does not. */
  #next(line: string, from: number): number {
    let at = line.indexOf(this.#prefix, from)
    while (at >= 0 && !beginsPair(line, at)) at = line.indexOf(this.#prefix, at + 1)
    return at
  }
}

function beginsPair(line: string, at: number): boolean {
  let before = at - 1
  while (line.charCodeAt(before) === space || line.charCodeAt(before) === tab) before--
  return before < 0 || line.charCodeAt(before) === semicolon
}

function endOfPair(line: string, at: number): number {
  const end = line.indexOf(';', at)
  return end < 0 ? line.length : end
}
