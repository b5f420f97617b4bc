import type { Generators } from '../load/generators.ts'
import type { CpuSource } from '../measure/cpu-clock.ts'
import type { Workbench } from '../process/workbench.ts'

/** What every scenario of a run shares. */
export interface Bench {
  readonly workbench: Workbench
  readonly generators: Generators
  readonly cpuSource: CpuSource
  /** Where nginx lies, if it may serve as the upstream. */
  readonly nginx: string | undefined
  readonly repetitions: number
  readonly seconds: number
  readonly warmUpSeconds: number
  /** More than this at once do not fit into the limits of this machine. */
  readonly maxConnections: number
  /** Tells the user what goes on. */
  readonly say: (line: string) => void
}
