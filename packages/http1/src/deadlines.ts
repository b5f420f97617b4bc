/** Something that must not take for ever. */
export interface Timed {
  /** `performance.now()` at which it is late; Infinity while nothing is due. */
  readonly dueAt: number
  /** It is late. Called on every sweep until `dueAt` moves. */
  expire(now: number): void
}

const sweepMs = 250

/** How a {@link Deadlines} differs from the usual. */
export interface DeadlinesOptions {
  /** For tests: `later` looks at the clock, so that deadlines are kept to the millisecond. */
  readonly exact?: boolean
}

/**
 * Bounds in time for many connections with one timer: a sweep over all of them instead of a timer
 * for each. A deadline is never early, and at most half a second late.
 */
export class Deadlines {
  readonly #members = new Set<Timed>()
  readonly #exact: boolean
  #timer: NodeJS.Timeout | undefined = undefined
  /** When the timer ran last. To look at the clock costs more than to move a deadline. */
  #tickedAt = 0

  constructor({ exact = false }: DeadlinesOptions = {}) {
    this.#exact = exact
  }

  add(member: Timed): void {
    this.#members.add(member)
    if (this.#timer !== undefined) return
    this.#tickedAt = performance.now()
    this.#timer = setInterval(this.#tick, sweepMs).unref()
  }

  remove(member: Timed): void {
    this.#members.delete(member)
    if (this.#members.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** A `performance.now()` that is not over yet, by a sweep at most. */
  get soon(): number {
    // Without members the timer stands still.
    if (this.#exact || this.#timer === undefined) return performance.now()
    return this.#tickedAt + sweepMs
  }

  /** What `dueAt` is `ms` from now; 0 means never. */
  later(ms: number): number {
    return ms === 0 ? Number.POSITIVE_INFINITY : this.soon + ms
  }

  /** Tells everything that is late at `now`. Runs by itself four times a second. */
  sweep(now: number): void {
    for (const member of this.#members) if (member.dueAt <= now) member.expire(now)
  }

  readonly #tick = (): void => {
    const now = performance.now()
    const late = now - this.#tickedAt > 2 * sweepMs
    this.#tickedAt = now
    // What arrived while the process was busy is still to be read, and may be in time.
    if (!late) this.sweep(now)
  }
}
