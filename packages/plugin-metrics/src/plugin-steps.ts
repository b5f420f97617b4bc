import type { Exchange, Step, StepMeter, StepObserver, StepOutcome } from '@gatewright/kernel'
import type { Family, Sample } from './family.ts'

const outcomes = ['passed', 'answered', 'failed'] as const satisfies readonly StepOutcome[]
/** What the reference calls them. */
const words: Readonly<Record<StepOutcome, string>> = {
  passed: 'continue',
  answered: 'responded',
  failed: 'error',
}

/** Counts what plugins do, and times some of it. */
export class PluginSteps implements StepObserver {
  readonly #sampling: number
  readonly #meters = new Map<string, CountingMeter>()
  /** Those of the configuration that is built, and of the one that runs. */
  readonly #wanted = new Set<string>()

  /** @param sampling One of so many runs is timed; 0 times none. */
  constructor(sampling: number) {
    this.#sampling = sampling
  }

  meterFor(step: Step): StepMeter {
    const key = JSON.stringify([step.kind, step.plugin, step.name, step.type, step.phase])
    this.#wanted.add(key)
    const known = this.#meters.get(key)
    if (known !== undefined) return known
    const meter = new CountingMeter(step, this.#sampling)
    this.#meters.set(key, meter)
    return meter
  }

  families(): Family[] {
    const meters = [...this.#meters.values()]
    return [
      {
        name: 'plugin_steps_total',
        type: 'counter',
        help: 'Steps of plugins by how they ended',
        labels: ['plugin', 'phase', 'outcome'],
        across: 'sum',
        samples: summed(
          meters.flatMap(({ step: { plugin, phase }, counts }) =>
            outcomes.map((outcome) => ({
              labels: [plugin, phase, outcome],
              value: counts[outcome],
            })),
          ),
        ),
      },
      {
        name: 'plugin_errors_total',
        type: 'counter',
        help: 'Steps of plugins that failed',
        labels: ['plugin', 'hook'],
        across: 'sum',
        samples: summed(
          meters.map(({ step: { plugin, phase }, counts }) => ({
            labels: [plugin, phase],
            value: counts.failed,
          })),
        ),
      },
      {
        name: 'plugin_step_seconds',
        type: 'summary',
        help: 'Time that sampled steps of plugins took by themselves',
        labels: ['plugin', 'name', 'phase'],
        across: 'sum',
        samples: meters
          .filter(({ timedRuns }) => timedRuns > 0)
          .map(({ step: { plugin, name, phase }, timedRuns, seconds }) => ({
            labels: [plugin, name, phase],
            value: { count: timedRuns, sum: seconds },
          })),
      },
    ]
  }

  /** How often each middleware ran. One that has two phases is counted on the way in. */
  invocations(): Family {
    const samples = [...this.#meters.values()]
      .filter(({ step: { kind, phase } }) => kind === 'middleware' && phase !== 'onResponse')
      .flatMap(({ step: { name }, counts }) =>
        outcomes
          .filter((outcome) => counts[outcome] > 0)
          .map((outcome) => ({ labels: [name, words[outcome]], value: counts[outcome] })),
      )
    return {
      name: 'middleware_invocations_total',
      type: 'counter',
      help: 'Invocations per middleware',
      labels: ['middleware', 'outcome'],
      across: 'sum',
      samples: summed(samples),
    }
  }

  /** A configuration is active now: what no meter was asked for since is gone. */
  follow(): void {
    for (const key of this.#meters.keys()) if (!this.#wanted.has(key)) this.#meters.delete(key)
    this.#wanted.clear()
  }
}

class CountingMeter implements StepMeter {
  readonly step: Step
  readonly counts: Record<StepOutcome, number> = { passed: 0, answered: 0, failed: 0 }
  timedRuns = 0
  seconds = 0
  readonly #sampling: number
  #untilTimed = 0

  constructor(step: Step, sampling: number) {
    this.step = step
    this.#sampling = sampling
  }

  timed(): boolean {
    if (this.#sampling === 0 || --this.#untilTimed > 0) return false
    this.#untilTimed = this.#sampling
    return true
  }

  done(_exchange: Exchange, outcome: StepOutcome, startedAt: number, ownMs: number): void {
    this.counts[outcome]++
    if (startedAt === 0) return
    this.timedRuns++
    this.seconds += ownMs / 1000
  }
}

/** Adds up what has the same labels. */
function summed(samples: readonly (Sample & { readonly value: number })[]): Sample[] {
  const sums = new Map<string, { labels: readonly string[]; value: number }>()
  for (const { labels, value } of samples) {
    const key = JSON.stringify(labels)
    const sum = sums.get(key)
    if (sum === undefined) sums.set(key, { labels, value })
    else sum.value += value
  }
  return [...sums.values()]
}
