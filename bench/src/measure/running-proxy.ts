import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Load, LoadGenerator, LoadReport } from '../load/load.ts'
import type { Peer, ProxyTask } from '../peers/peer.ts'
import type { Child } from '../process/child.ts'
import { waitUntilListening } from '../process/port.ts'
import type { Workbench } from '../process/workbench.ts'
import type { Sample } from '../report/result.ts'
import type { Metric } from '../scenarios/scenario.ts'
import { type CpuSource, cpuBetween, readCpu } from './cpu-clock.ts'
import { readResidentBytes } from './memory.ts'

/** A response was wrong or missing, so nothing that was measured counts. */
class WrongAnswers extends Error {}

/** What is left of one load runs out before the next measurement begins. */
const settleMs = 100

/** A candidate that listens. */
export class RunningProxy {
  readonly peer: Peer
  readonly port: number
  readonly #child: Child

  static async start(workbench: Workbench, peer: Peer, task: ProxyTask): Promise<RunningProxy> {
    const child = await workbench.startProxy(await peer.prepare(task), task.cores)
    try {
      await waitUntilListening(child, task.port)
    } catch (error) {
      await child.stop()
      throw error
    }
    return new RunningProxy(peer, task.port, child)
  }

  constructor(peer: Peer, port: number, child: Child) {
    this.peer = peer
    this.port = port
    this.#child = child
  }

  /** Throws what it complained about if it has ended. */
  assertRunning(): void {
    if (!this.#child.running) throw new Error(`it ended: ${this.#child.complaint}`)
  }

  get residentBytes(): number {
    return readResidentBytes(this.#child.pids())
  }

  /** Puts a load on it without measuring. Throws WrongAnswers. */
  async exercise(generator: LoadGenerator, load: Load, seconds: number): Promise<void> {
    await this.#run(generator, load, seconds)
  }

  /** Puts a load on it and measures. Throws WrongAnswers. */
  async measure(
    generator: LoadGenerator,
    load: Load,
    seconds: number,
    source: CpuSource,
    metric: Metric,
  ): Promise<Sample> {
    await delay(settleMs)
    const pids = this.#child.pids()
    const before = readCpu(pids, source)
    const begun = performance.now()
    const report = await this.#run(generator, load, seconds)
    const micros = (performance.now() - begun) * 1000
    const { total, user, system } = cpuBetween(before, readCpu(this.#child.pids(), source))
    const { requests, p50Micros: p50, p99Micros: p99 } = report
    return {
      value: metric === 'latency' ? p50 : total / requests,
      requests,
      cpu: total / requests,
      user: user / requests,
      system: system / requests,
      requestsPerSecond: requests / report.seconds,
      p50,
      p99,
      residentBytes: this.residentBytes,
      utilisation: total / micros,
    }
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }

  /** Throws unless every response was right, and says it if the candidate has ended. */
  async #run(generator: LoadGenerator, load: Load, seconds: number): Promise<LoadReport> {
    try {
      const report = await generator.run({ ...load, port: this.port, seconds })
      const { problems, requests } = report
      if (problems.length > 0) throw new WrongAnswers(problems.join(', '))
      if (requests === 0) throw new WrongAnswers('no response')
      return report
    } catch (error) {
      if (this.#child.running) throw error
      throw new Error(`it ended: ${this.#child.complaint}`, { cause: error })
    }
  }
}

/** Makes the folder that a candidate has for itself. */
export async function createFolder(workbench: Workbench, ...names: string[]): Promise<string> {
  const folder = join(workbench.folder, ...names)
  await mkdir(folder, { recursive: true })
  return folder
}
