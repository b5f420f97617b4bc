import { type Distribution, type Family, isDistribution, type Sample } from './family.ts'

/** What all processes tell, as one. The first one says in which order. */
export function mergeFamilies(all: readonly (readonly Family[])[]): readonly Family[] {
  const [only] = all
  if (only !== undefined && all.length === 1) return only
  const merged = new Map<string, { family: Family; samples: Map<string, Sample> }>()
  for (const family of all.flat()) {
    let known = merged.get(family.name)
    if (known === undefined) {
      known = { family, samples: new Map() }
      merged.set(family.name, known)
    }
    for (const sample of family.samples) {
      const key = JSON.stringify(sample.labels)
      const before = known.samples.get(key)
      const value =
        before === undefined ? sample.value : combine(before.value, sample.value, family.across)
      known.samples.set(key, { labels: sample.labels, value })
    }
  }
  return [...merged.values()].map(({ family, samples }) => ({
    ...family,
    samples: [...samples.values()],
  }))
}

function combine(
  a: Sample['value'],
  b: Sample['value'],
  across: Family['across'],
): Sample['value'] {
  if (typeof a === 'number' && typeof b === 'number') {
    if (across === 'sum') return a + b
    return across === 'max' ? Math.max(a, b) : Math.min(a, b)
  }
  // Processes of one kind tell the same things.
  if (typeof a === 'number' || typeof b === 'number') return a
  if (!isDistribution(a) || !isDistribution(b)) {
    if (isDistribution(a) || isDistribution(b)) return a
    return { count: a.count + b.count, sum: a.sum + b.sum }
  }
  return combineDistributions(a, b)
}

function combineDistributions(a: Distribution, b: Distribution): Distribution {
  const counts = a.counts.map((count, index) => count + (b.counts[index] ?? 0))
  return { bounds: a.bounds, counts, sum: a.sum + b.sum }
}
