/**
 * Takes an exact share of what goes by, evenly spread: of any 100 in a row exactly as many as the
 * percentage says, and never two of them closer together than they have to be.
 */
export class Share {
  /** What is owed of the next one, in percent. */
  #owed = 0

  /**
   * True if this one belongs to the share.
   * @param percentage From 0 to 100; may change from one call to the next.
   */
  take(percentage: number): boolean {
    this.#owed += percentage
    if (this.#owed < 100) return false
    this.#owed -= 100
    return true
  }
}
