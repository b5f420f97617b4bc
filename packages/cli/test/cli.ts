import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** How the command ended, and what it printed. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A line of its log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string }

export interface CliOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** When it is killed at the latest. Default 25,000. */
  readonly timeoutMs?: number
}

/** A temporary folder with files in it. */
export interface Folder extends AsyncDisposable {
  readonly path: string
  write(file: string, text: string): Promise<void>
  /** Makes a folder in it to which everybody can write. */
  open(name: string): Promise<void>
  /** Who may do what with something in it, such as `600`. */
  modeOf(name: string): Promise<string>
  /** Names of what is in a folder in it. */
  list(name: string): Promise<string[]>
}

/** A running `gatewright`. Disposing of it kills it if it still runs. */
export class Cli implements AsyncDisposable {
  readonly ended: Promise<Ending>
  readonly #child: ChildProcess
  /** Lines that nobody has asked for. */
  readonly #lines: LogLine[] = []
  #stdout = ''
  #stderr = ''
  #wake = Promise.withResolvers<void>()
  #over = false

  constructor(args: readonly string[], { cwd, env, timeoutMs = 25_000 }: CliOptions = {}) {
    const { GATEWRIGHT_LOG: _log, FORCE_COLOR: _color, ...inherited } = process.env
    this.#child = spawn(process.execPath, [main, ...args], {
      cwd,
      // Whoever wants to be asked says where.
      env: { ...inherited, GATEWRIGHT_RUNTIME_DIR: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ends what a failed test waits for.
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    })
    this.#child.stdout?.on('data', (data) => this.#take(String(data)))
    this.#child.stderr?.on('data', (data) => (this.#stderr += String(data)))
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#over = true
        this.#wake.resolve()
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr })
      })
    })
  }

  /** The next line of the log with this message; what came before it is gone. */
  async line(message: string): Promise<LogLine> {
    for (;;) {
      const index = this.#lines.findIndex(({ msg }) => msg === message)
      const [found] = index === -1 ? [] : this.#lines.splice(0, index + 1).slice(-1)
      if (found !== undefined) return found
      if (this.#over) throw new Error(`no "${message}" in:\n${this.#stdout}\n${this.#stderr}`)
      await this.#wake.promise
    }
  }

  /** Where the only entrypoint listens, once everything is ready: `http://127.0.0.1:40123`. */
  async url(): Promise<string> {
    const { address } = await this.line('listening')
    await this.line('ready')
    return `http://${String(address)}`
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) this.#child.kill('SIGKILL')
    await this.ended
  }

  #take(text: string): void {
    const begun = this.#stdout.slice(this.#stdout.lastIndexOf('\n') + 1)
    this.#stdout += text
    const complete = `${begun}${text}`.split('\n').slice(0, -1)
    this.#lines.push(...complete.filter((line) => line.startsWith('{"level"')).map(parseLine))
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }
}

/** Runs the command to its end. */
export async function runCli(args: readonly string[], options?: CliOptions): Promise<Ending> {
  await using cli = new Cli(args, options)
  return await cli.ended
}

export async function createFolder(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'gatewright-cli-'))
  const write = (file: string, text: string): Promise<void> => writeFile(join(path, file), text)
  for (const [file, text] of Object.entries(files)) await write(file, text)
  return {
    path,
    write,
    async open(name) {
      await mkdir(join(path, name))
      await chmod(join(path, name), 0o777)
    },
    async modeOf(name) {
      const { mode } = await stat(join(path, name))
      return (mode & 0o777).toString(8)
    },
    list: (name) => readdir(join(path, name)),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}

function parseLine(line: string): LogLine {
  // The log of pino: an object with a message in each line.
  return JSON.parse(line) as LogLine
}
