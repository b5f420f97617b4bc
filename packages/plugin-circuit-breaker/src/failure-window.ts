const slots = 10

/** How many requests there were within a time that moves in ten steps, and how many failed. */
export class FailureWindow {
  readonly #slotMs: number
  readonly #failures = new Uint32Array(slots)
  readonly #requests = new Uint32Array(slots)
  /** The step that was last looked at. */
  #slot = 0

  constructor(windowMs: number) {
    this.#slotMs = windowMs / slots
  }

  /** @param now Milliseconds of a clock that never goes back. */
  add(failed: boolean, now: number): void {
    this.#moveTo(now)
    const index = this.#slot % slots
    this.#requests[index] = (this.#requests[index] ?? 0) + 1
    if (failed) this.#failures[index] = (this.#failures[index] ?? 0) + 1
  }

  /** True if at least that part of at least so many requests failed. */
  reaches(ratio: number, minRequests: number, now: number): boolean {
    this.#moveTo(now)
    const requests = sum(this.#requests)
    return requests >= minRequests && sum(this.#failures) >= ratio * requests
  }

  clear(): void {
    this.#requests.fill(0)
    this.#failures.fill(0)
  }

  #moveTo(now: number): void {
    const slot = Math.floor(now / this.#slotMs)
    const passed = Math.min(slot - this.#slot, slots)
    for (let step = 0; step < passed; step++) {
      const index = (slot - step) % slots
      this.#requests[index] = 0
      this.#failures[index] = 0
    }
    this.#slot = slot
  }
}

function sum(counts: Uint32Array): number {
  let total = 0
  for (const count of counts) total += count
  return total
}
