import { type Bar, bars } from '../bars.ts'
import type { Summary } from '../measure/statistics.ts'
import { formatSummary, tryRatio, valuesOf } from './figures.ts'
import type { CandidateResult, ScenarioResult } from './result.ts'

/** How a bar stands; `pass` is beyond what it must and short of the stretch. */
export interface Verdict {
  readonly bar: Bar
  /** `undefined` if there are no figures. */
  readonly measured: Summary | undefined
  /** Compares the median. */
  readonly mark: 'stretch' | 'pass' | 'miss' | 'not yet' | 'not measured'
  /** Why there are no figures. */
  readonly reason: string
}

/** Looks at every bar. Scenarios without a result count as not measured. */
export function judge(results: readonly ScenarioResult[]): readonly Verdict[] {
  return bars.map((bar) => {
    const result = results.find(({ name }) => name === bar.scenario)
    return result === undefined ? unmeasured(bar, 'it was not run') : judgeOne(bar, result)
  })
}

function judgeOne(bar: Bar, result: ScenarioResult): Verdict {
  const gateway = find(result, bar.gateway)
  if (gateway?.status === 'not yet') return unmeasured(bar, gateway.reason ?? '', 'not yet')
  if (!hasFigures(gateway)) return unmeasured(bar, absence(bar.gateway, gateway))
  const { beside } = bar
  if (beside === undefined) return measuredAt(bar, valuesOf(gateway))
  const ratio = tryRatio(result, bar.gateway, beside)
  if (ratio === undefined) return unmeasured(bar, absence(beside, find(result, beside)))
  return bar.figure === 'metric' ? measuredAt(bar, ratio) : judgeRate(bar, beside, result, ratio)
}

/** On one core, two workers can only be as fast as one; what they cost can be seen there, too. */
function judgeRate(bar: Bar, beside: string, result: ScenarioResult, cost: Summary): Verdict {
  const rate = tryRatio(result, bar.gateway, beside, 'requestsPerSecond')
  if (result.cores === 2 && rate !== undefined) return measuredAt(bar, rate)
  const times = formatSummary(cost)
  return unmeasured(bar, `no two cores to spare; on one, a request costs ${times} times as much`)
}

function find({ candidates }: ScenarioResult, name: string): CandidateResult | undefined {
  return candidates.find((candidate) => candidate.name === name)
}

function hasFigures(candidate: CandidateResult | undefined): candidate is CandidateResult {
  return candidate !== undefined && candidate.samples.length > 0
}

function absence(name: string, candidate: CandidateResult | undefined): string {
  return `${name}: ${candidate?.reason ?? 'it did not take part'}`
}

function measuredAt(bar: Bar, measured: Summary): Verdict {
  return { bar, measured, mark: markOf(bar, measured.median), reason: '' }
}

function markOf({ figure, must, stretch }: Bar, median: number): Verdict['mark'] {
  if (figure === 'rate') return median >= must ? 'pass' : 'miss'
  if (stretch !== undefined && median <= stretch) return 'stretch'
  return median <= must ? 'pass' : 'miss'
}

function unmeasured(
  bar: Bar,
  reason: string,
  mark: 'not yet' | 'not measured' = 'not measured',
): Verdict {
  return { bar, measured: undefined, mark, reason }
}
