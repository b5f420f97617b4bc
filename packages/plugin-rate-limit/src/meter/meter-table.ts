import { LRUCache } from 'lru-cache'
import type { Meter } from './meter.ts'
import type { Verdict } from './verdict.ts'

/** How many meters are looked at for every new one. More than one, or the table would not shrink. */
const sweepPerInsert = 2
/** How long an idle meter is kept for a client who comes again: making one costs more than that. */
const graceMs = 10_000

/** The meters of all clients, in bounded memory: above the bound, the least recently used go. */
export class MeterTable implements Disposable {
  readonly #meters: LRUCache<string, Meter>
  readonly #create: (now: number) => Meter
  #lost = 0

  constructor(maxKeys: number, create: (now: number) => Meter) {
    this.#meters = new LRUCache({ max: maxKeys })
    this.#create = create
  }

  get size(): number {
    return this.#meters.size
  }

  /** How many meters were given up for want of room while they still counted something. */
  get lost(): number {
    return this.#lost
  }

  /** Asks the meter of the client. */
  take(key: string, now: number, cost: number): Verdict {
    const meter = this.#meters.get(key) ?? this.#add(key, now)
    return meter.take(now, cost)
  }

  [Symbol.dispose](): void {
    this.#meters.clear()
  }

  #add(key: string, now: number): Meter {
    this.#dropIdle(now)
    if (this.#meters.size >= this.#meters.max) this.#lost++
    const meter = this.#create(now)
    this.#meters.set(ownCopy(key), meter)
    return meter
  }

  #dropIdle(now: number): void {
    for (let i = 0; i < sweepPerInsert; i++) {
      const oldest = this.#meters.rkeys().next().value
      if (oldest === undefined || this.#meters.peek(oldest)?.isIdle(now - graceMs) !== true) return
      this.#meters.delete(oldest)
    }
  }
}

/** A part of a request head, kept as it is, would keep the whole head. */
function ownCopy(key: string): string {
  return Buffer.from(key, 'utf8').toString('utf8')
}
