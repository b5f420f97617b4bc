/**
 * Tells of bytes that arrived how many requests had been sent by then, even if they are read long
 * after: those behind a body that nobody takes yet are kept until its end is found.
 */
export class Arrivals {
  /** Bytes so far. */
  #end = 0
  #sent = 0
  /** Of bytes that were not read when others came after them. */
  readonly #older: { readonly end: number; readonly sent: number }[] = []

  /**
   * Bytes have arrived.
   * @param unread How many earlier ones are not read yet.
   * @param sent How many requests were sent so far.
   */
  add(bytes: number, unread: number, sent: number): void {
    if (unread === 0) this.#older.length = 0
    else if (sent !== this.#sent) this.#older.push({ end: this.#end, sent: this.#sent })
    this.#end += bytes
    this.#sent = sent
  }

  /** How many had been sent when the first of the bytes came of which so many are unread. */
  sentBefore(unread: number): number {
    const position = this.#end - unread
    for (const { end, sent } of this.#older) if (position < end) return sent
    return this.#sent
  }
}
