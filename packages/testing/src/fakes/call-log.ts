import { inRealTime } from '../real-time.ts'

/** What a fake was asked, in that order. */
export class CallLog<C> {
  readonly calls: C[] = []
  readonly #waiting: (() => void)[] = []

  add(call: C): void {
    this.calls.push(call)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The call at that index, however long it takes to come. */
  async at(index: number): Promise<C> {
    for (;;) {
      const call = this.calls[index]
      if (call !== undefined) return call
      await this.#nextCall()
    }
  }

  /** The first so many calls, as soon as there are so many. Throws GW_TESTING_WAITED. */
  async waitFor(count: number): Promise<readonly C[]> {
    const found = (): string => `${this.calls.length} of ${count} calls have come`
    while (this.calls.length < count) {
      await inRealTime(this.#nextCall(), found)
    }
    return this.calls.slice(0, count)
  }

  #nextCall(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
