import type { Family, Sample } from './family.ts'

/** Counts by labels, for what is rare. The labels come from configuration or closed sets. */
export class Tally<L extends readonly string[] = readonly string[]> {
  readonly labels: L
  readonly #counts = new Map<string, { readonly labels: readonly string[]; value: number }>()

  constructor(labels: L) {
    this.labels = labels
  }

  /** @param by How many there were. */
  add(values: { readonly [I in keyof L]: string }, by: number = 1): void {
    const key = values.join('\0')
    const count = this.#counts.get(key)
    if (count === undefined) this.#counts.set(key, { labels: values, value: by })
    else count.value += by
  }

  samples(): Sample[] {
    return [...this.#counts.values()]
  }
}

/**
 * Counts as a family.
 * @param known For the first labels: whether there still is something of that name.
 */
export function tallyFamily(
  name: string,
  help: string,
  tally: Tally,
  known: readonly ((value: string) => boolean)[],
): Family {
  const samples = tally
    .samples()
    .filter(({ labels }) => known.every((isKnown, place) => isKnown(labels[place] ?? '')))
  return { name, type: 'counter', help, labels: tally.labels, across: 'sum', samples }
}
