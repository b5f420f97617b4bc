const everyMs = 500

/** How late the timers of this process are, which is how long something has kept it busy. */
export class LoopLag {
  #users = 0
  #timer: NodeJS.Timeout | undefined = undefined
  #dueAt = 0
  #ms: number | undefined = undefined

  /** Of the last look; `undefined` while nobody looks. */
  get ms(): number | undefined {
    return this.#ms
  }

  /** Looks until that is disposed. */
  watch(): Disposable {
    if (this.#users++ === 0) {
      this.#ms = 0
      this.#dueAt = performance.now() + everyMs
      this.#timer = setInterval(() => this.#look(), everyMs).unref()
    }
    return { [Symbol.dispose]: () => this.#leave() }
  }

  #look(): void {
    const now = performance.now()
    this.#ms = Math.max(0, Math.round(now - this.#dueAt))
    this.#dueAt = now + everyMs
  }

  #leave(): void {
    if (--this.#users > 0) return
    clearInterval(this.#timer)
    this.#ms = undefined
  }
}

/** That of this process. */
export const loopLag: LoopLag = new LoopLag()
