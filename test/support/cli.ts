import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

/** A line of the command's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string }

/** The `gatewright` command as a child process, with a configuration in a folder of its own. */
export class RunningCli implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'gatewright-'))
  readonly file: string = join(this.folder, 'gateway.hcl')
  readonly lines: LogLine[] = []
  /** Comes when the command and all processes that it started have ended. */
  readonly closed: Promise<unknown>
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #waiting: (() => void)[] = []
  #rest = ''

  /** @param files Others that are to lie beside the configuration, by name. */
  constructor(
    hcl: string,
    args: readonly string[] = [],
    files: Readonly<Record<string, string>> = {},
  ) {
    this.write(hcl)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.folder, name), text)
    this.#child = spawn(process.execPath, [main, '--config', this.file, '--json', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // Those that are killed would leave a file there.
      env: { ...process.env, GATEWRIGHT_RUNTIME_DIR: '' },
    })
    this.#exited = once(this.#child, 'exit')
    this.closed = once(this.#child, 'close')
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** How it ended; `null` while it runs, and if a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode
  }

  /** Replaces the configuration file. */
  write(hcl: string): void {
    writeFileSync(this.file, hcl)
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** The nth line, from 1, whose message has the text. */
  async line(text: string, nth: number = 1): Promise<LogLine> {
    for (;;) {
      const found = this.lines.filter(({ msg }) => msg.includes(text))[nth - 1]
      if (found !== undefined) return found
      const exited = await Promise.race([
        this.#exited.then(() => true),
        new Promise<boolean>((resolve) => this.#waiting.push(() => resolve(false))),
      ])
      if (exited) throw new Error(`ended before "${text}": ${JSON.stringify(this.lines)}`)
    }
  }

  /** Drains it and waits for its end, and for that of its workers. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM')
    }
    await this.#exited
    await this.closed
    rmSync(this.folder, { recursive: true })
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    // The command logs one JSON object a line.
    for (const line of lines) if (line !== '') this.lines.push(JSON.parse(line) as LogLine)
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
