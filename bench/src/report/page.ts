/**
 * The page `docs/performance.md`.
 *
 * @module
 */
import type { Bar } from '../bars.ts'
import type { MicroResult } from '../micro/micro.ts'
import {
  formatNumber,
  formatSummary,
  measuredOf,
  medianOf,
  tryRatio,
  units,
  valuesOf,
} from './figures.ts'
import type { Dated } from './latest.ts'
import type { CandidateResult, RunResult, ScenarioResult } from './result.ts'
import { judge, type Verdict } from './verdict.ts'

const marks: Readonly<Record<Verdict['mark'], string>> = {
  stretch: '✅ met, stretch too',
  pass: '✅ met',
  miss: '❌ not met',
  'not yet': 'not yet',
  'not measured': 'not measured',
}

/** @param results The newest of each scenario, and the run that each comes from. */
export function renderPage(
  results: readonly Dated<ScenarioResult>[],
  micro: Dated<readonly MicroResult[]> | undefined,
): string {
  const parts = [
    introduction,
    renderBars(results.map(({ value }) => value)),
    ...results.map(renderScenario),
    micro === undefined ? '' : renderMicro(micro),
    renderRuns([...results, ...(micro === undefined ? [] : [micro])].map(({ run }) => run)),
    howToRepeat,
  ]
  return parts.filter((part) => part !== '').join('\n')
}

/** File of a scenario's chart, as the page refers to it. */
export function chartFile({ name }: ScenarioResult): string {
  return `performance/${name}.svg`
}

const introduction = `# Performance

<!-- Written by "npm run bench". -->

What a request costs in Gatewright and in its peers, on the same machine, in the same run, one
beside the other. **Read the ratios, not the microseconds**: absolute figures depend on the machine
and on what else it does, and both sides of a ratio have the same. Ratios are taken repetition by
repetition, between neighbours of a few seconds, and are given as median (minimum to maximum).

The measure is the processor time of the whole process tree of a proxy, divided by the requests that
it completed. Requests per second stand beside it; they depend on the load generator as well. Before
anything is measured, the answers of each candidate are compared with the expected ones, byte by
byte, and so are all responses that are measured, except those that h2load gets: of these status and
size count. A candidate with a single wrong response has no figures.
`

function renderBars(results: readonly ScenarioResult[]): string {
  const verdicts = judge(results)
  const rows = verdicts.map(({ bar, measured, mark, reason }) => [
    bar.scenario,
    `\`${bar.gateway}\``,
    bar.beside === undefined ? 'absolute, bytes' : `\`${bar.beside}\``,
    formatBar(bar, bar.must),
    bar.stretch === undefined ? '' : formatBar(bar, bar.stretch),
    measured === undefined ? reason : formatSummary(measured),
    marks[mark],
  ])
  const head = ['scenario', 'set-up', 'beside', 'must', 'stretch', 'measured', '']
  return `## Bars

What we hold ourselves to: ratios of what the scenario measures, of which less is better (≤), or of
requests per second (≥). The median counts. They gate nothing by themselves.

${countMarks(verdicts)}

${renderTable(head, rows)}`
}

function countMarks(verdicts: readonly Verdict[]): string {
  const count = (...wanted: Verdict['mark'][]): number =>
    verdicts.filter(({ mark }) => wanted.includes(mark)).length
  const met = `**${count('pass', 'stretch')} met**, ${count('stretch')} of them with their stretch`
  const others = (['not yet', 'not measured'] as const).map((mark) => `${count(mark)} ${mark}`)
  return `${verdicts.length} bars: ${[met, `**${count('miss')} not met**`, ...others].join('; ')}.`
}

function formatBar({ beside, figure }: Bar, value: number): string {
  if (beside === undefined) return `≤ ${value}`
  if (figure === 'rate') return `≥ ${formatShort(value)}`
  return value < 0.4 && value > 0 ? `≤ 1/${formatShort(1 / value)}` : `≤ ${formatShort(value)}`
}

function formatShort(value: number): string {
  return String(Number(value.toFixed(2)))
}

function renderScenario({ value: result, run }: Dated<ScenarioResult>): string {
  const measured = measuredOf(result)
  const others = result.candidates.filter(({ status }) => status !== 'measured')
  const notes = others.map(({ title, status, reason }) => `- ${title}: ${status}. ${reason ?? ''}`)
  const lines = [`## ${result.name}: ${result.title}`, '']
  if (measured.length > 0) {
    lines.push(`![${units[result.metric].title}](${chartFile(result)})`, '')
    lines.push(renderCandidates(result, measured))
    const beside = `${result.loadGenerator}, and ${result.upstream} as the upstream`
    const partial = run.partial ? ', a partial one' : ''
    lines.push(`Run of ${run.date.slice(0, 16)} UTC${partial}; ${beside}.${coresOf(result)}`, '')
  }
  if (notes.length > 0) lines.push(...notes, '')
  return lines.join('\n')
}

/** Says so only where it is not the usual one. */
function coresOf({ cores }: ScenarioResult): string {
  return cores === 2 ? ' Each candidate had two cores.' : ''
}

function renderCandidates(result: ScenarioResult, measured: readonly CandidateResult[]): string {
  return result.metric === 'memory' ? renderMemory(measured) : renderTimes(result, measured)
}

function renderMemory(measured: readonly CandidateResult[]): string {
  const rows = measured.map((candidate) => [
    describe(candidate),
    formatSummary(valuesOf(candidate)),
    formatNumber(medianOf(candidate, 'requests')),
    formatMebibytes(medianOf(candidate, 'residentBytes')),
  ])
  return renderTable(['candidate', 'bytes per connection', 'connections', 'MiB in all'], rows)
}

function renderTimes(result: ScenarioResult, measured: readonly CandidateResult[]): string {
  const gateway = result.candidates.find(
    (candidate) => isOurs(candidate) && measured.includes(candidate),
  )
  const rows = measured.map((candidate) => {
    const cpu = ['cpu', 'user', 'system'] as const
    return [
      describe(candidate),
      ...cpu.map((key) => formatNumber(medianOf(candidate, key))),
      ...(gateway === undefined ? [] : [ratioCell(result, gateway, candidate)]),
      formatNumber(medianOf(candidate, 'requestsPerSecond')),
      formatNumber(medianOf(candidate, 'p50')),
      formatNumber(medianOf(candidate, 'p99')),
      formatMebibytes(medianOf(candidate, 'residentBytes')),
      `${(medianOf(candidate, 'utilisation') * 100).toFixed(0)} %`,
    ]
  })
  const beside = gateway === undefined ? [] : [`\`${gateway.name}\` is so many times that`]
  const head = ['candidate', 'µs/req', 'user', 'system', ...beside]
  return renderTable([...head, 'req/s', 'p50 µs', 'p99 µs', 'MiB', 'core'], rows)
}

function ratioCell(
  result: ScenarioResult,
  gateway: CandidateResult,
  candidate: CandidateResult,
): string {
  const ratio = tryRatio(result, gateway.name, candidate.name)
  return candidate === gateway || ratio === undefined ? '' : formatSummary(ratio)
}

function isOurs({ name }: CandidateResult): boolean {
  return name.startsWith('gatewright')
}

function describe(candidate: CandidateResult): string {
  const { title, version } = candidate
  return isOurs(candidate) ? `**${title}**` : `${title} (${version})`
}

function renderMicro({ value, run }: Dated<readonly MicroResult[]>): string {
  const rows = value.map(({ name, nanos, bar }) => [
    name,
    formatNumber(nanos),
    bar === undefined ? '' : `≤ ${bar}`,
    bar === undefined ? '' : nanos <= bar ? '✅' : '❌',
  ])
  return `## Parts of the request path

Nanoseconds of the best of many runs, on ${run.date.slice(0, 10)}. Of a middleware it is what it adds
to a request that it lets pass: the same exchange without middlewares is subtracted.

${renderTable(['what', 'ns', 'bar', ''], rows)}`
}

function renderRuns(runs: readonly RunResult[]): string {
  const distinct = [...new Set(runs)].toSorted((a, b) => (a.date < b.date ? 1 : -1))
  return `## Runs\n\n${distinct.map(renderRun).join('\n')}`
}

function renderRun({ date, revision, gateway, machine, method }: RunResult): string {
  const { repetitions, seconds, warmUpSeconds, cpuSource, pinning, tools } = method
  const memory = (machine.memoryBytes / 2 ** 30).toFixed(0)
  const versions = Object.entries(tools).map(([name, version]) => `${name} ${version}`)
  return `- **${date.slice(0, 16)} UTC**, revision ${revision}, gateway from ${gateway}.
  ${machine.processor}, ${machine.cores} cores, ${memory} GiB, ${machine.system}, Node ${machine.node}.
  ${repetitions} repetitions of ${seconds} s after ${warmUpSeconds} s of warm-up; ${pinning};
  processor time from \`${cpuSource}\`; ${versions.join(', ')}.
`
}

const howToRepeat = `## How to repeat it

\`\`\`sh
npm run bench -- --install            # everything, on Linux; as root it installs the peers
npm run bench -- --quick              # a first look, under two minutes
npm run bench -- --scenario A,B       # a part; the page keeps the other scenarios
npm run bench -- --scenario A --candidate gatewright,nginx --output /tmp/look
npm run bench -- --help
\`\`\`

Results lie in \`bench/results/\`. This page shows the newest of each scenario, so a long run can be
made in parts; each ratio is from one run. Runs with less than three repetitions, with chosen
candidates or without native programs are partial: they count only where there is no other.
`

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`
}

function formatMebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}
