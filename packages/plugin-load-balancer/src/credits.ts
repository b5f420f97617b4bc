import type { Endpoint } from '@gatewright/kernel'

/** What weighted round-robin owes to each endpoint. Kept across reloads. */
export class Credits implements Disposable {
  #endpoints: readonly Endpoint[] = []
  #amounts: number[] = []

  /** The credit of each endpoint, by its index, to be changed in place. */
  of(endpoints: readonly Endpoint[]): number[] {
    if (endpoints !== this.#endpoints) this.#follow(endpoints)
    return this.#amounts
  }

  /** There is nothing to release, but `Scope.keep` must be able to ask. */
  [Symbol.dispose](): void {}

  /**
   * Goes on with another list of endpoints. Who stays keeps its credit: if all began anew, a health
   * that flaps would send every exchange to the first endpoint.
   */
  #follow(endpoints: readonly Endpoint[]): void {
    const amounts = endpoints.map((endpoint) => {
      const index = this.#endpoints.indexOf(endpoint)
      return index < 0 ? 0 : (this.#amounts[index] ?? 0)
    })
    // Credits add up to zero until somebody leaves. Newcomers begin with zero, so they would wait
    // for longer and longer if the others kept what the leaver owed.
    const surplus = Math.trunc(amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length)
    this.#amounts = amounts.map((amount) => amount - surplus)
    this.#endpoints = endpoints
  }
}
