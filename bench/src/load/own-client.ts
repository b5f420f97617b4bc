import { fileURLToPath } from 'node:url'
import type { Workbench } from '../process/workbench.ts'
import { boundMs, type LoadGenerator, type LoadJob, type LoadReport } from './load.ts'

const program = fileURLToPath(new URL('./client.ts', import.meta.url))

/**
 * Our own client, in a process of its own: for bodies that are too large for wrk's scripts, and in
 * place of wrk where it is not installed. It costs more than wrk, but that is not what is measured.
 */
export class OwnClient implements LoadGenerator {
  readonly name = 'own client'
  readonly version: string = process.version
  readonly #workbench: Workbench

  constructor(workbench: Workbench) {
    this.#workbench = workbench
  }

  async run(job: LoadJob): Promise<LoadReport> {
    const args = [program, JSON.stringify(job)]
    const { code, stdout, stderr } = await this.#workbench.run(
      { file: process.execPath, args },
      boundMs(job),
    )
    if (code !== 0) throw new Error(`the client failed: ${stderr.trim()}`)
    // Written by `client.ts` of the same version.
    return JSON.parse(stdout) as LoadReport
  }
}
