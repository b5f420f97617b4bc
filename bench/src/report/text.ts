import { formatNumber, measuredOf, medianOf, tryRatio, units, valuesOf } from './figures.ts'
import type { CandidateResult, ScenarioResult } from './result.ts'

/** What a terminal shows when a scenario is done. */
export function summaryLines(result: ScenarioResult): readonly string[] {
  const lines = measuredOf(result).map((candidate) => describe(result, candidate))
  const others = result.candidates.filter(({ status }) => status !== 'measured')
  return [...lines, ...others.map(({ name, status, reason }) => `${name}: ${status}, ${reason}`)]
}

function describe(result: ScenarioResult, candidate: CandidateResult): string {
  const { median, min, max } = valuesOf(candidate)
  const { short } = units[result.metric]
  const figures = `${formatNumber(median)} ${short} (${formatNumber(min)}-${formatNumber(max)})`
  if (result.metric === 'memory') return `${candidate.name.padEnd(20)} ${figures}`
  const load = `${formatNumber(medianOf(candidate, 'requestsPerSecond'))}/s`
  const core = `${(medianOf(candidate, 'utilisation') * 100).toFixed(0)} % of its core`
  const line = `${candidate.name.padEnd(20)} ${figures.padEnd(32)} ${load.padStart(9)}, ${core}`
  const ratio = tryRatio(result, candidate.name, 'nginx')
  return ratio === undefined ? line : `${line}, ${formatNumber(ratio.median)} x nginx`
}
