import type { CandidateResult, RunResult, Sample, ScenarioResult } from '../src/report/result.ts'

/** A sample of which only the value counts. */
function sampleOf(value: number): Sample {
  return {
    value,
    requests: 1000,
    cpu: value,
    user: value / 4,
    system: (value * 3) / 4,
    requestsPerSecond: 50_000,
    p50: 900,
    p99: 2000,
    residentBytes: 2 ** 26,
    utilisation: 0.9,
  }
}

/** A candidate with one sample for each value. */
export function candidateOf(name: string, ...values: number[]): CandidateResult {
  const samples = values.map(sampleOf)
  return { name, title: `The ${name}`, version: '1.2.3', status: 'measured', samples }
}

/** A result of scenario A. */
export function scenarioOf(...candidates: CandidateResult[]): ScenarioResult {
  return {
    name: 'A',
    title: 'GET 1 KiB',
    metric: 'cpu',
    upstream: 'nginx',
    loadGenerator: 'wrk',
    candidates,
  }
}

/** A run of the given day. */
export function runOf(day: string, partial: boolean, ...scenarios: ScenarioResult[]): RunResult {
  return {
    date: `${day}T12:00:00.000Z`,
    revision: 'abcdef',
    partial,
    gateway: 'sources',
    machine: {
      processor: 'Abacus',
      cores: 2,
      memoryBytes: 2 ** 34,
      system: 'Linux',
      node: 'v24.0.0',
    },
    method: {
      repetitions: 5,
      seconds: 2,
      warmUpSeconds: 3,
      cpuSource: 'schedstat',
      pinning: 'proxy on core 0',
      tools: { wrk: '4.1.0' },
    },
    scenarios,
    micro: [],
  }
}
