const windowMs = 10_000

/** Counts something that a client may do now and then, in windows of ten seconds. */
export class FloodGuard {
  /** For messages. */
  readonly what: string
  /** How often it may be done in a window; 0 means as often as it likes. */
  readonly limit: number
  #count = 0
  #endsAt = 0

  constructor(what: string, limit: number) {
    this.what = what
    this.limit = limit
  }

  /** It was done once more. @returns False if that was too often. */
  pass(now: number): boolean {
    if (now >= this.#endsAt) {
      this.#endsAt = now + windowMs
      this.#count = 0
    }
    this.#count++
    return this.limit === 0 || this.#count <= this.limit
  }
}
