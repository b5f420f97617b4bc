import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child, type Command, type Outcome, waitForEnd } from './child.ts'
import { type Cores, pinned } from './cores.ts'

/**
 * Owns everything that must not outlive the harness: a temporary folder and the programs that were
 * started. Both also go when the harness ends without disposing of it.
 */
export class Workbench implements AsyncDisposable {
  readonly folder: string
  readonly #cores: Cores | undefined
  readonly #children = new Set<Child>()

  static async open(cores: Cores | undefined): Promise<Workbench> {
    return new Workbench(await mkdtemp(join(tmpdir(), 'gatewright-bench-')), cores)
  }

  constructor(folder: string, cores: Cores | undefined) {
    this.folder = folder
    this.#cores = cores
    process.on('exit', this.#onExit)
  }

  /** Starts a program beside the harness. */
  async start(command: Command): Promise<Child> {
    const child = await Child.start(command)
    this.#children.add(child)
    void child.ended.then(() => this.#children.delete(child))
    return child
  }

  /** True if a candidate can have two cores without taking them from the rest. */
  get hasPair(): boolean {
    return this.#cores?.pair !== undefined
  }

  /** Starts a program on the core of its own, or on two. */
  startProxy(command: Command, cores: 1 | 2): Promise<Child> {
    if (this.#cores === undefined) return this.start(command)
    const { proxy, pair = proxy } = this.#cores
    return this.start(pinned(command, cores === 2 ? pair : proxy))
  }

  /** Runs a program beside the harness; throws if it has not ended at the bound. */
  async run(command: Command, timeoutMs: number): Promise<Outcome> {
    return waitForEnd(await this.start(command), command.file, timeoutMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children].map((child) => child.stop()))
    await rm(this.folder, { recursive: true, force: true })
    process.off('exit', this.#onExit)
  }

  readonly #onExit = (): void => {
    for (const child of this.#children) child.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
