/**
 * What the tables show of a result.
 *
 * @module
 */
import { ratios, type Summary, summarize } from '../measure/statistics.ts'
import type { Metric } from '../scenarios/scenario.ts'
import type { CandidateResult, Sample, ScenarioResult } from './result.ts'

/** How a metric is called and written. */
export interface Unit {
  readonly title: string
  readonly short: string
}

/** Units of the metrics. */
export const units: Readonly<Record<Metric, Unit>> = {
  cpu: { title: 'processor time per request', short: 'µs/req' },
  latency: { title: 'median latency', short: 'µs' },
  memory: { title: 'resident memory per idle connection', short: 'B/conn' },
}

/** Candidates with figures, the lowest first. */
export function measuredOf({ candidates }: ScenarioResult): readonly CandidateResult[] {
  return candidates
    .filter(({ status, samples }) => status === 'measured' && samples.length > 0)
    .toSorted((a, b) => valuesOf(a).median - valuesOf(b).median)
}

/** The figure of the metric over all repetitions. */
export function valuesOf({ samples }: CandidateResult): Summary {
  return summarize(samples.map(({ value }) => value))
}

/** Median of one of the figures beside it. */
export function medianOf({ samples }: CandidateResult, key: keyof Sample): number {
  return summarize(samples.map((sample) => sample[key])).median
}

/** Ratio of one candidate to another by repetition; `undefined` if one of them has no figures. */
export function tryRatio(
  { candidates }: ScenarioResult,
  name: string,
  other: string,
  key: keyof Sample = 'value',
): Summary | undefined {
  const [values, others] = [name, other].map((wanted) =>
    candidates.find((candidate) => candidate.name === wanted)?.samples.map((sample) => sample[key]),
  )
  if (values === undefined || others === undefined) return undefined
  const found = ratios(values, others)
  return found.length === 0 ? undefined : summarize(found)
}

/** Enough digits to compare, and no more. */
export function formatNumber(value: number): string {
  if (value >= 100) return value.toFixed(0)
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** Median and range. */
export function formatSummary({ median, min, max }: Summary): string {
  return `${formatNumber(median)} (${formatNumber(min)} to ${formatNumber(max)})`
}
