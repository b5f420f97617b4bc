import type { GatewayError, Scope } from '@gatewright/kernel'

/** More than one line a second for each reason would help whoever floods the gateway. */
const intervalMs = 1000

interface Count {
  refused: number
  loggedAt: number
}

/** Tells why connections are refused, and how many of them for each reason. */
export class RefusalLog {
  readonly #log: Scope['log']
  readonly #counts = new Map<string, Count>()

  constructor(log: Scope['log']) {
    this.#log = log
  }

  /** @param now Milliseconds of a clock that never goes back. */
  add({ code, message }: GatewayError, remoteAddress: string, now: number): void {
    let count = this.#counts.get(code)
    if (count === undefined) {
      count = { refused: 0, loggedAt: Number.NEGATIVE_INFINITY }
      this.#counts.set(code, count)
    }
    count.refused++
    if (now - count.loggedAt < intervalMs) return
    const { refused } = count
    this.#log.warn({ code, problem: message, remoteAddress, refused }, 'connections are refused')
    count.loggedAt = now
    count.refused = 0
  }
}
