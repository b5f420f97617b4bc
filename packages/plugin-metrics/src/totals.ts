/**
 * Counters and histograms as plain numbers, which outlive the process that counted.
 *
 * @module
 */
import type { PeerTotals, Snapshot } from '@gatewright/kernel'
import { type Family, isDistribution, type Sample } from './family.ts'

/** Name, labels and bounds of a series, as a key. */
type Series = readonly [name: string, labels: readonly string[], bounds?: readonly number[]]

/** What of it goes on counting when the process has ended: no gauges. */
export function totalsOf(families: readonly Family[] | undefined): PeerTotals | undefined {
  if (families === undefined) return undefined
  const counting = families.filter(({ type, across }) => type !== 'gauge' && across === 'sum')
  return Object.fromEntries(
    counting.flatMap(({ name, samples }) =>
      samples.map(({ labels, value }): [string, readonly number[]] => {
        if (typeof value === 'number') return [keyOf([name, labels]), [value]]
        if (!isDistribution(value)) return [keyOf([name, labels]), [value.count, value.sum]]
        return [keyOf([name, labels, value.bounds]), [...value.counts, value.sum]]
      }),
    ),
  )
}

/**
 * Totals as families again.
 * @param alike Those of a process that lives: what is not among them any more is left out.
 */
export function familiesOf(
  totals: PeerTotals,
  alike: readonly Family[],
  isKnown: (label: string, value: string) => boolean,
): Family[] {
  const known = new Map(alike.map((family) => [family.name, family]))
  const found = new Map<Family, Sample[]>()
  for (const [key, numbers] of Object.entries(totals)) {
    // All processes have the same version of this package, which has made the key.
    const [name, labels, bounds] = JSON.parse(key) as Series
    const family = known.get(name)
    if (family === undefined || family.labels.length !== labels.length) continue
    if (!labels.every((value, place) => isKnown(family.labels[place] ?? '', value))) continue
    const samples = found.get(family) ?? []
    found.set(family, samples)
    samples.push({ labels, value: valueOf(family, numbers, bounds) })
  }
  return [...found].map(([family, samples]) => ({ ...family, samples }))
}

/** True for what a configuration has, and for labels whose values it does not name. */
export function knownIn(snapshot: Snapshot): (label: string, value: string) => boolean {
  const { config, services } = snapshot
  return (label, value) => {
    // Of requests that came to nothing of that kind.
    if (value === '') return true
    if (label === 'service') return services.has(value)
    if (label === 'router') return Object.hasOwn(config.routers, value)
    if (label === 'middleware') return Object.hasOwn(config.middlewares, value)
    return label !== 'entrypoint' || Object.hasOwn(config.entrypoints, value)
  }
}

function keyOf(series: Series): string {
  return JSON.stringify(series)
}

function valueOf(
  { type }: Family,
  numbers: readonly number[],
  bounds: readonly number[] = [],
): Sample['value'] {
  const [first = 0, second = 0] = numbers
  if (type === 'counter') return first
  if (type === 'summary') return { count: first, sum: second }
  return { bounds, counts: numbers.slice(0, -1), sum: numbers.at(-1) ?? 0 }
}
