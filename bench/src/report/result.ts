/**
 * What a run leaves behind, as it stands in `bench/results/`. Only plain values.
 *
 * @module
 */
import type { CpuSource } from '../measure/cpu-clock.ts'
import type { MicroResult } from '../micro/micro.ts'
import type { Metric } from '../scenarios/scenario.ts'

/** One run of the harness. */
export interface RunResult {
  /** ISO 8601, UTC. */
  readonly date: string
  /** Revision of the sources; `-changed` stands behind it if they differed. */
  readonly revision: string
  /** True if it was for a first look: few repetitions, or not everybody took part. */
  readonly partial: boolean
  /** How the gateway was started. */
  readonly gateway: 'sources' | 'built'
  readonly machine: Machine
  readonly method: Method
  readonly scenarios: readonly ScenarioResult[]
  readonly micro: readonly MicroResult[]
}

/** Where it ran. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly node: string
}

/** How it was measured. */
export interface Method {
  readonly repetitions: number
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly cpuSource: CpuSource
  /** Which cores did what, or why nothing was pinned. */
  readonly pinning: string
  /** Programs that took part besides the candidates, with their versions. */
  readonly tools: Readonly<Record<string, string>>
}

/** One scenario with everybody who took part. */
export interface ScenarioResult {
  readonly name: string
  readonly title: string
  readonly metric: Metric
  readonly upstream: string | undefined
  readonly loadGenerator: string | undefined
  /** Processor cores that each candidate had; absent in results of older versions. */
  readonly cores?: 1 | 2
  readonly candidates: readonly CandidateResult[]
}

/** What became of one candidate. */
export interface CandidateResult {
  readonly name: string
  readonly title: string
  readonly version: string
  readonly status: 'measured' | 'missing' | 'not yet' | 'failed'
  /** Why it was not measured. */
  readonly reason?: string
  /** One for each repetition. */
  readonly samples: readonly Sample[]
}

/** What one repetition showed. Times are microseconds. */
export interface Sample {
  /** In the unit of the scenario's metric; the rest stands beside it. */
  readonly value: number
  readonly requests: number
  /** Processor time per request. */
  readonly cpu: number
  readonly user: number
  readonly system: number
  readonly requestsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly residentBytes: number
  /** Part of its core that the candidate used. */
  readonly utilisation: number
}
