/** What is thought of a server, from the probes that came back. */
export class Verdict {
  readonly #unhealthyThreshold: number
  readonly #healthyThreshold: number
  /** In a row, and against what is thought. */
  #against = 0
  #healthy: boolean | undefined

  /** @param healthy What is assumed at first; `undefined` lets the first probe decide. */
  constructor(healthy: boolean | undefined, unhealthyThreshold: number, healthyThreshold: number) {
    this.#healthy = healthy
    this.#unhealthyThreshold = unhealthyThreshold
    this.#healthyThreshold = healthyThreshold
  }

  /** False as long as nothing is known. */
  get healthy(): boolean {
    return this.#healthy === true
  }

  /** A probe came back. True if that changed what is thought. */
  record(success: boolean): boolean {
    if (success === this.#healthy) {
      this.#against = 0
      return false
    }
    this.#against++
    if (this.#healthy !== undefined && this.#against < this.#threshold) return false
    this.#healthy = success
    this.#against = 0
    return true
  }

  get #threshold(): number {
    return this.healthy ? this.#unhealthyThreshold : this.#healthyThreshold
  }
}
