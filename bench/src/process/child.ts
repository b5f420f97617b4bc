import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { pidsOfTree } from './process-tree.ts'

/** How a program is started. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  /** In addition to the environment of the harness. */
  readonly env?: Readonly<Record<string, string>>
}

/** What a program that ran to its end left behind. */
export interface Outcome {
  /** `undefined` if a signal ended it. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** How long a program may take to end in order before it is killed. */
const graceMs = 2000
/** As much of an output is kept; benchmarks print little. */
const maxOutput = 1 << 20

/** A program that the harness started, and everything that the program started itself. */
export class Child {
  readonly pid: number
  /** Resolves when the program has ended and its output is read; never rejects. */
  readonly ended: Promise<Outcome>
  readonly #process: ChildProcessByStdio<null, Readable, Readable>
  #output = { stdout: '', stderr: '' }
  #running = true
  #tree: readonly number[]

  /** Throws if the file cannot be started. */
  static async start(command: Command): Promise<Child> {
    const child = spawn(command.file, command.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...command.env },
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    return new Child(child)
  }

  constructor(child: ChildProcessByStdio<null, Readable, Readable>) {
    // Set, since the process was spawned.
    this.pid = child.pid ?? 0
    this.#process = child
    this.#tree = [this.pid]
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        this.#output[name] = (this.#output[name] + text).slice(-maxOutput)
      })
    }
    this.ended = new Promise((resolve) => {
      child.once('exit', () => (this.#running = false))
      child.once('close', (code) => resolve({ code: code ?? undefined, ...this.#output }))
    })
  }

  get running(): boolean {
    return this.#running
  }

  /** What the program has printed so far. */
  get output(): string {
    return this.#output.stdout
  }

  /** The last lines of what the program complained about. */
  get complaint(): string {
    const { stderr, stdout } = this.#output
    return (stderr.trim() || stdout.trim()).split('\n').slice(-20).join('\n')
  }

  /** The program and its descendants as they are now. */
  pids(): readonly number[] {
    if (this.#running) this.#tree = pidsOfTree(this.pid)
    return this.#tree
  }

  /** Ends it and its descendants: asks first, kills what is left after two seconds. */
  async stop(): Promise<void> {
    const tree = this.pids()
    if (this.#running) this.#process.kill('SIGTERM')
    await Promise.race([this.ended, delay(graceMs, undefined, { ref: false })])
    const left = tree.filter((pid) => pid !== this.pid || this.#running)
    for (const pid of left) killQuietly(pid)
    await this.ended
  }

  /** The same at once, for when the harness itself has to end. */
  kill(): void {
    for (const pid of this.pids()) {
      if (pid !== this.pid || this.#running) killQuietly(pid)
    }
  }
}

/** Runs a program to its end; kills it at the bound and throws. */
export async function runToEnd(command: Command, timeoutMs: number): Promise<Outcome> {
  return await waitForEnd(await Child.start(command), command.file, timeoutMs)
}

/** The same for a program that has been started. */
export async function waitForEnd(child: Child, name: string, timeoutMs: number): Promise<Outcome> {
  const bound = AbortSignal.timeout(timeoutMs)
  const kill = (): void => child.kill()
  bound.addEventListener('abort', kill)
  const outcome = await child.ended
  bound.removeEventListener('abort', kill)
  if (!bound.aborted) return outcome
  throw new Error(`${name} did not end within ${timeoutMs} ms`)
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
