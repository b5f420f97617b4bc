import type { MicroResult } from '../micro/micro.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import type { RunResult, ScenarioResult } from './result.ts'

/** A part of a result with the run that it comes from. */
export interface Dated<T> {
  readonly value: T
  readonly run: RunResult
}

/** The newest result of each scenario, in their order. Partial runs count where there is no other. */
export function latestOfEach(runs: readonly RunResult[]): readonly Dated<ScenarioResult>[] {
  const preferred = byPreference(runs)
  return scenarios.flatMap(({ name }) => {
    const found = preferred.flatMap((run) => {
      const value = run.scenarios.find((scenario) => scenario.name === name)
      return value === undefined ? [] : [{ value, run }]
    })
    return found.slice(0, 1)
  })
}

/** The newest micro benchmarks. */
export function latestMicro(runs: readonly RunResult[]): Dated<readonly MicroResult[]> | undefined {
  const run = byPreference(runs).find(({ micro }) => micro.length > 0)
  return run === undefined ? undefined : { value: run.micro, run }
}

function byPreference(runs: readonly RunResult[]): readonly RunResult[] {
  const newestFirst = runs.toSorted((a, b) => (a.date < b.date ? 1 : -1))
  const complete = newestFirst.filter(({ partial }) => !partial)
  return [...complete, ...newestFirst.filter(({ partial }) => partial)]
}
