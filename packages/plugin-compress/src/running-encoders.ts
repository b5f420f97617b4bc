/** Bodies that are being compressed, or will be; those of before a reload go on counting. */
export class RunningEncoders implements Disposable {
  #count = 0

  get count(): number {
    return this.#count
  }

  add(): void {
    this.#count++
  }

  remove(): void {
    this.#count--
  }

  /** Nothing to release; `Scope.keep` wants to be able to ask. */
  [Symbol.dispose](): void {}
}
