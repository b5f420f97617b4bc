import { collectDefaultMetrics, Registry } from '@prometheus-io/client'
import type { Family, Sample } from './family.ts'

// What it watches of the process it watches to its end.
let watched: Registry | undefined

/** What Node and the system say of the process: `process_…`, `nodejs_…`. */
export async function processFamilies(): Promise<Family[]> {
  if (watched === undefined) {
    watched = new Registry()
    collectDefaultMetrics({ register: watched })
  }
  const metrics = await watched.getMetricsAsJSON()
  return metrics.flatMap(({ name, help, type, values, aggregator }) => {
    if (type !== 'gauge' && type !== 'counter') return []
    // Sums of others; Prometheus takes the name for that of a counter.
    if (type === 'gauge' && name.endsWith('_total')) return []
    const labels = [...new Set(values.flatMap((sample) => Object.keys(sample.labels)))]
    const samples: Sample[] = values.map((sample) => ({
      labels: labels.map((label) =>
        String(new Map(Object.entries(sample.labels)).get(label) ?? ''),
      ),
      value: sample.value,
    }))
    return [
      {
        name,
        type,
        help: help.replace(/\.$/, ''),
        labels,
        across: acrossOf(aggregator),
        samples,
      },
    ]
  })
}

function acrossOf(aggregator: string): Family['across'] {
  if (aggregator === 'sum' || aggregator === 'min') return aggregator
  return 'max'
}
