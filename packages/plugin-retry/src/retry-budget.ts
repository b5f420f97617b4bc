const slotMs = 1000
const slots = 10
const alwaysAllowed = 10

/**
 * Bounds how much retries add to the traffic. Without it, a service that fails gets a multiple of
 * its load just when it can take the least. Counts in a window of 10 s that moves in steps of 1 s.
 */
export class RetryBudget implements Disposable {
  readonly #percent: number
  readonly #requests = new MovingCount()
  readonly #retries = new MovingCount()

  /** @param percent Retries allowed per 100 requests of the window, beside 10 in any case. */
  constructor(percent: number) {
    this.#percent = percent
  }

  /**
   * A request arrived; its retries do not count as such.
   * @param now Milliseconds of a clock that never goes back.
   */
  countRequest(now: number): void {
    this.#requests.add(now)
  }

  /** Takes one retry; false if there is none left. */
  tryTake(now: number): boolean {
    const allowed = alwaysAllowed + Math.floor((this.#requests.sum(now) * this.#percent) / 100)
    if (this.#retries.sum(now) >= allowed) return false
    this.#retries.add(now)
    return true
  }

  /** Nothing to release; `Scope.keep` wants to be able to ask. */
  [Symbol.dispose](): void {}
}

/** How often something happened within the window. */
class MovingCount {
  /** One count per second of the window, in a ring. */
  readonly #counts = new Uint32Array(slots)
  /** The second that was last looked at. */
  #slot = 0
  #sum = 0

  add(now: number): void {
    this.#moveTo(now)
    const index = this.#slot % slots
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sum++
  }

  sum(now: number): number {
    this.#moveTo(now)
    return this.#sum
  }

  #moveTo(now: number): void {
    const slot = Math.floor(now / slotMs)
    const passed = Math.min(slot - this.#slot, slots)
    for (let step = 0; step < passed; step++) {
      const index = (slot - step) % slots
      this.#sum -= this.#counts[index] ?? 0
      this.#counts[index] = 0
    }
    this.#slot = slot
  }
}
