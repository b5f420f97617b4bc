/** Something that must not take for ever. */
export interface Timed {
  /** `performance.now()` at which it is late; Infinity while nothing is due. */
  readonly dueAt: number
  /** It is late. Called on every sweep until `dueAt` moves. */
  expire(now: number): void
}

const sweepMs = 250

/**
 * Bounds in time for many connections with one timer: a sweep over all of them instead of a timer
 * for each. A deadline is kept to within a quarter of a second.
 */
export class Deadlines {
  readonly #members = new Set<Timed>()
  #timer: NodeJS.Timeout | undefined = undefined

  add(member: Timed): void {
    this.#members.add(member)
    this.#timer ??= setInterval(() => this.sweep(performance.now()), sweepMs).unref()
  }

  remove(member: Timed): void {
    this.#members.delete(member)
    if (this.#members.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Tells everything that is late at `now`. Runs by itself four times a second. */
  sweep(now: number): void {
    for (const member of this.#members) if (member.dueAt <= now) member.expire(now)
  }
}
