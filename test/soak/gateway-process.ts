import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { request } from '@gatewright/testing'

const main = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

/** What the gateway holds. */
export interface Holdings {
  readonly exchanges: number
  readonly connections: number
  readonly attempts: number
  readonly snapshots: number
  /** Open file descriptors; 0 where the system does not tell. */
  readonly handles: number
  readonly heapBytes: number
  readonly residentBytes: number
}

type Line = Readonly<Record<string, unknown>>

/** The command as a child process. Counts what it logs, and keeps nothing of it. */
export class GatewayProcess {
  /** Lines by level and code. */
  readonly logged = new Map<string, number>()
  readonly #folder = mkdtempSync(join(tmpdir(), 'gatewright-soak-'))
  readonly #file = join(this.#folder, 'gateway.hcl')
  readonly #child: ChildProcess
  readonly #onProblem: (text: string) => void
  /** For when this process has to end before its time. */
  readonly #kill = (): void => void this.#child.kill('SIGKILL')
  readonly #address = Promise.withResolvers<string>()
  #reloaded = Promise.withResolvers<boolean>()
  #rest = ''

  /** @param onProblem Told of lines that say that something is wrong with the gateway itself. */
  constructor(hcl: string, io: string | undefined, onProblem: (text: string) => void) {
    writeFileSync(this.#file, hcl)
    this.#onProblem = onProblem
    const env = { ...process.env, ...(io !== undefined && { GATEWRIGHT_IO: io }) }
    this.#child = spawn(process.execPath, [main, '--config', this.#file, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => onProblem(text.trim()))
    process.once('exit', this.#kill)
    this.#child.once('exit', (code, signal) => {
      process.off('exit', this.#kill)
      const error = new Error(`the gateway ended: ${signal ?? `exit code ${code}`}`)
      this.#address.reject(error)
      this.#reloaded.reject(error)
    })
    // Whoever waits at that time is told.
    this.#address.promise.catch(() => undefined)
    this.#reloaded.promise.catch(() => undefined)
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** As soon as it listens. */
  async port(): Promise<number> {
    return Number((await this.#address.promise).split(':').at(-1))
  }

  /** Whether the configuration was taken. */
  async reload(hcl: string): Promise<boolean> {
    writeFileSync(this.#file, hcl)
    this.#child.kill('SIGHUP')
    return await this.#reloaded.promise
  }

  async holdings(): Promise<Holdings> {
    const port = await this.port()
    // Before the question, since the connection on which it is asked counts as well.
    const handles = this.#handles()
    const { text } = await request(`http://127.0.0.1:${port}/counters`)
    // What the plugin of this run sends.
    const counted = JSON.parse(text) as Omit<Holdings, 'handles'>
    return { ...counted, handles }
  }

  /** Drains it and waits for its end. */
  async stop(): Promise<void> {
    if (this.running) {
      const exited = once(this.#child, 'exit')
      this.#child.kill('SIGTERM')
      const [code] = await exited
      if (code !== 0) this.#onProblem(`the gateway ended with ${String(code)}`)
    }
    rmSync(this.#folder, { recursive: true })
  }

  #handles(): number {
    if (process.platform !== 'linux') return 0
    return readdirSync(`/proc/${this.#child.pid}/fd`).length
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    // The command logs one JSON object a line.
    for (const line of lines) if (line !== '') this.#take(JSON.parse(line) as Line)
  }

  #take(line: Line): void {
    const { level, code, msg } = line
    const key = `${String(level)} ${String(code ?? msg)}`
    this.logged.set(key, (this.logged.get(key) ?? 0) + 1)
    const text = String(msg)
    if (text.includes('listening')) this.#address.resolve(String(line['address']))
    if (text === 'configuration reloaded' || text === 'configuration unchanged')
      this.#settleReload(true)
    else if (text.startsWith('reload refused')) this.#settleReload(false)
    else if (isFailure(level) && text !== 'problem in the configuration') {
      this.#onProblem(`logged: ${JSON.stringify(line)}`)
    }
  }

  #settleReload(taken: boolean): void {
    const { resolve } = this.#reloaded
    this.#reloaded = Promise.withResolvers()
    this.#reloaded.promise.catch(() => undefined)
    resolve(taken)
  }
}

/** `error` and `fatal`, by name or by pino's number. */
function isFailure(level: unknown): boolean {
  return level === 'error' || level === 'fatal' || Number(level) >= 50
}
