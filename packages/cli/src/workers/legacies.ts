import type { PeerTotals } from '@gatewright/kernel'
import type { WorkerProcess } from './member.ts'

/** More series than that nobody looks at; those that nobody added to for longest are forgotten. */
const maxSeries = 50_000

/** What workers have counted, as they said last, by topic. Those that ended are added up. */
export class Legacies {
  /** Replaced as a whole, so whoever has one has what was true at that moment. */
  readonly #ended = new Map<string, PeerTotals>()
  readonly #living = new Map<WorkerProcess, Map<string, PeerTotals>>()

  /** It has counted that much so far. */
  note(process: WorkerProcess, topic: string, totals: PeerTotals): void {
    const known = this.#living.get(process) ?? new Map<string, PeerTotals>()
    this.#living.set(process, known.set(topic, totals))
  }

  /** It has ended and will not say more. */
  close(process: WorkerProcess): void {
    for (const [topic, totals] of this.#living.get(process) ?? []) {
      this.#ended.set(topic, added([this.#ended.get(topic) ?? {}, totals]))
    }
    this.#living.delete(process)
  }

  /** What those counted that have ended. */
  of(topic: string): PeerTotals {
    return this.#ended.get(topic) ?? {}
  }

  /** What one that lives said last. */
  lastOf(process: WorkerProcess, topic: string): PeerTotals {
    return this.#living.get(process)?.get(topic) ?? {}
  }
}

/** Adds up what has the same key. */
export function added(all: readonly PeerTotals[]): PeerTotals {
  const sums = new Map<string, readonly number[]>()
  for (const [key, numbers] of all.flatMap((totals) => Object.entries(totals))) {
    const before = sums.get(key)
    // The ones that were added to last stand last.
    sums.delete(key)
    sums.set(key, before?.map((sum, place) => sum + (numbers[place] ?? 0)) ?? numbers)
  }
  return Object.fromEntries([...sums].slice(-maxSeries))
}
