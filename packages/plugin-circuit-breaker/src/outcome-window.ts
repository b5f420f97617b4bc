const slots = 10

/**
 * How many requests there were within a time that moves in ten steps, how many of them failed, and
 * how many were slow.
 */
export class OutcomeWindow {
  readonly #slotMs: number
  readonly #requests = new Uint32Array(slots)
  readonly #failures = new Uint32Array(slots)
  readonly #slow = new Uint32Array(slots)
  /** The step that was last looked at. */
  #slot = 0

  constructor(windowMs: number) {
    this.#slotMs = windowMs / slots
  }

  /** @param now Milliseconds of a clock that never goes back. */
  add(failed: boolean, slow: boolean, now: number): void {
    this.#moveTo(now)
    const index = this.#slot % slots
    countAt(this.#requests, index)
    if (failed) countAt(this.#failures, index)
    if (slow) countAt(this.#slow, index)
  }

  /** True if at least that part of at least so many requests failed, as of the last one. */
  failuresReach(ratio: number, minRequests: number): boolean {
    return this.#reaches(this.#failures, ratio, minRequests)
  }

  /** The same for those that were slow. */
  slowReach(ratio: number, minRequests: number): boolean {
    return this.#reaches(this.#slow, ratio, minRequests)
  }

  clear(): void {
    this.#requests.fill(0)
    this.#failures.fill(0)
    this.#slow.fill(0)
  }

  #reaches(counts: Uint32Array, ratio: number, minRequests: number): boolean {
    const requests = sum(this.#requests)
    return requests >= minRequests && sum(counts) >= ratio * requests
  }

  #moveTo(now: number): void {
    const slot = Math.floor(now / this.#slotMs)
    const passed = Math.min(slot - this.#slot, slots)
    for (let step = 0; step < passed; step++) {
      const index = (slot - step) % slots
      this.#requests[index] = 0
      this.#failures[index] = 0
      this.#slow[index] = 0
    }
    this.#slot = slot
  }
}

function countAt(counts: Uint32Array, index: number): void {
  counts[index] = (counts[index] ?? 0) + 1
}

function sum(counts: Uint32Array): number {
  let total = 0
  for (const count of counts) total += count
  return total
}
