import type { Sample } from './family.ts'

/** Counts by two labels, for what is rare. The labels come from configuration or closed sets. */
export class Tally {
  readonly labels: readonly [string, string]
  readonly #counts = new Map<string, Map<string, number>>()

  constructor(labels: readonly [string, string]) {
    this.labels = labels
  }

  add(first: string, second: string, by: number = 1): void {
    let counts = this.#counts.get(first)
    if (counts === undefined) {
      counts = new Map()
      this.#counts.set(first, counts)
    }
    counts.set(second, (counts.get(second) ?? 0) + by)
  }

  samples(): Sample[] {
    return [...this.#counts].flatMap(([first, counts]) =>
      [...counts].map(([second, value]) => ({ labels: [first, second], value })),
    )
  }
}
