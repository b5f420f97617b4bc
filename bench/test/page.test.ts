import { describe, expect, it } from 'vitest'
import { latestOfEach } from '../src/report/latest.ts'
import { renderPage } from '../src/report/page.ts'
import type { RunResult, ScenarioResult } from '../src/report/result.ts'
import { candidateOf, runOf, scenarioOf } from './results.ts'

const scenario = scenarioOf(
  candidateOf('gatewright', 22, 11, 33),
  candidateOf('nginx', 20, 10, 20),
  { ...candidateOf('haproxy'), status: 'missing', reason: 'haproxy is not installed' },
  { ...candidateOf('gatewright-logged'), status: 'not yet', reason: 'unknown key "x"' },
)

describe('renderPage', () => {
  it('compares with the bars by the median of the ratios of each repetition', () => {
    const page = pageOf(runOf('2026-01-01', false, scenario))

    expect(page).toContain(
      '| A | `gatewright` | `nginx` | ≤ 1.2 | ≤ 1.05 | 1.10 (1.10 to 1.65) | ✅ met |',
    )
  })

  it.each([
    { value: 10, mark: '✅ met, stretch too' },
    { value: 11.5, mark: '✅ met' },
    { value: 13, mark: '❌ not met' },
  ])('marks $value beside 10 with $mark', ({ value, mark }) => {
    const measured = scenarioOf(candidateOf('gatewright', value), candidateOf('nginx', 10))

    expect(pageOf(runOf('2026-01-01', false, measured))).toContain(`) | ${mark} |`)
  })

  it('names who is missing and what is not there yet', () => {
    const page = pageOf(runOf('2026-01-01', false, scenario))

    expect(page).toContain('- The haproxy: missing. haproxy is not installed')
    expect(page).toContain('- The gatewright-logged: not yet. unknown key "x"')
    expect(page).toContain('| unknown key "x" | not yet |')
  })

  it('counts the bars', () => {
    const page = pageOf(runOf('2026-01-01', false, scenario))

    expect(page).toContain('**1 met**, 0 of them with their stretch; **0 not met**; 1 not yet; ')
  })

  it('compares what two workers can do with what one can', () => {
    const pair = workersOf(2)

    expect(pageOf(runOf('2026-01-01', false, pair))).toContain(
      '| W | `gatewright-workers` | `gatewright` | ≥ 1.8 |  | 1.90 (1.90 to 1.90) | ✅ met |',
    )
  })

  it('says what two workers cost where they had to share a core', () => {
    expect(pageOf(runOf('2026-01-01', false, workersOf(1)))).toContain(
      '| no two cores to spare; on one, a request costs 1.02 (1.02 to 1.02) times as much | not measured |',
    )
  })

  it('shows the peers alone where there is no figure of ours', () => {
    const peers = scenarioOf(
      { ...candidateOf('gatewright'), status: 'not yet', reason: 'unknown key "x"' },
      candidateOf('nginx', 20),
    )

    const page = pageOf(runOf('2026-01-01', false, peers))

    expect(page).toContain('| candidate | µs/req | user | system | req/s |')
    expect(page).toContain('- The gatewright: not yet. unknown key "x"')
  })

  it('says what was not run', () => {
    expect(pageOf(runOf('2026-01-01', false, scenario))).toContain(
      '| it was not run | not measured |',
    )
  })

  it('tells machine, versions and how to repeat it', () => {
    const page = pageOf(runOf('2026-01-01', false, scenario))

    expect(page).toContain('Abacus, 2 cores, 16 GiB, Linux, Node v24.0.0')
    expect(page).toContain('The nginx (1.2.3)')
    expect(page).toContain('npm run bench -- --install')
  })
})

describe('latestOfEach', () => {
  it('takes the newest run of a scenario', () => {
    const old = runOf('2026-01-01', false, scenario)
    const recent = runOf('2026-01-02', false, scenario)

    expect(latestOfEach([recent, old]).map(({ run }) => run)).toEqual([recent])
  })

  it('takes a partial run only where there is no other', () => {
    const complete = runOf('2026-01-01', false, scenario)
    const partial = runOf('2026-01-02', true, scenario, { ...scenario, name: 'B' })

    expect(latestOfEach([partial, complete]).map(({ run }) => run)).toEqual([complete, partial])
  })
})

function workersOf(cores: 1 | 2): ScenarioResult {
  const one = candidateOf('gatewright', 100)
  const two = candidateOf('gatewright-workers', 102)
  const samples = two.samples.map((sample) => ({ ...sample, requestsPerSecond: 95_000 }))
  return { ...scenarioOf(one, { ...two, samples }), name: 'W', cores }
}

function pageOf(run: RunResult): string {
  return renderPage(latestOfEach([run]), undefined)
}
