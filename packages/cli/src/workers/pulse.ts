/** How long a worker that starts may be silent: it may load much at once. */
const startMs = 60_000

/** Whether a worker still gives signs of life. Is told the time, in milliseconds. */
export class Pulse {
  readonly #timeoutMs: number
  #limitMs = startMs
  #lastBeat: number

  constructor(timeoutMs: number, now: number) {
    this.#timeoutMs = timeoutMs
    this.#lastBeat = now
  }

  /** The worker has started, and from now on must not be silent for longer than the timeout. */
  settle(): void {
    this.#limitMs = this.#timeoutMs
  }

  beat(now: number): void {
    this.#lastBeat = now
  }

  /** Does not count a time in which nobody could have heard anything. */
  excuse(ms: number): void {
    this.#lastBeat += ms
  }

  /** For how long it has been silent if that is too long, else `undefined`. */
  silence(now: number): number | undefined {
    const silentMs = now - this.#lastBeat
    return silentMs > this.#limitMs ? silentMs : undefined
  }
}
