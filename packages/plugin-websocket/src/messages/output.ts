/** What is passed on of the bytes of one read, in one piece. Copies only if it has to put it together. */
export class Output {
  #bytes: Uint8Array | undefined = undefined
  #start = 0
  #end = 0
  #before: Uint8Array[] = []

  add(bytes: Uint8Array, start: number, end: number): void {
    if (bytes === this.#bytes && start === this.#end) {
      this.#end = end
      return
    }
    if (this.#bytes !== undefined) this.#before.push(this.#bytes.subarray(this.#start, this.#end))
    this.#bytes = bytes
    this.#start = start
    this.#end = end
  }

  /** `undefined` if there is none. */
  take(): Uint8Array | undefined {
    const rest = this.#bytes?.subarray(this.#start, this.#end)
    this.#bytes = undefined
    if (rest === undefined || this.#before.length === 0) return rest
    const pieces = [...this.#before, rest]
    this.#before = []
    return Buffer.concat(pieces)
  }
}
