import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startServer } from './servers.ts'

const configuration = fileURLToPath(new URL('gateway.hcl', import.meta.url))
const command = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))
const run = promisify(execFile)
/** Stands behind each response in what curl prints. */
const mark = '\u001E'

/** A line of the gateway's log. */
type LogLine = Readonly<Record<string, unknown>>

/** A response. */
export interface Answer {
  readonly status: number
  readonly body: string
}

/** The gateway of the example with its servers, on ports that the system chose. */
export class Example implements AsyncDisposable {
  /** Where it and the servers are, by name. */
  readonly urls: Readonly<Record<string, string>>
  readonly #log: GatewayLog
  readonly #resources: AsyncDisposableStack

  constructor(
    urls: Readonly<Record<string, string>>,
    log: GatewayLog,
    resources: AsyncDisposableStack,
  ) {
    this.urls = urls
    this.#log = log
    this.#resources = resources
  }

  /** Starts it. */
  static async start(): Promise<Example> {
    await using starting = new AsyncDisposableStack()
    const urls: Record<string, string> = {}
    const env: Record<string, string> = {}
    for (const name of ['A', 'B', 'C', 'standby', 'next']) {
      const { url } = starting.use(await startServer(name, 0))
      urls[name] = url
      env[`SHOP_${name.toUpperCase()}`] = url
    }
    const args = [command, '--json', '--config', configuration, '--listen', '127.0.0.1:0']
    const child = spawn(process.execPath, args, {
      cwd: tmpdir(),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    starting.defer(() => end(child))
    const log = new GatewayLog(child)
    const { address } = await log.line({ msg: 'listening' })
    await log.line({ msg: 'ready' })
    urls['gateway'] = `http://${String(address)}`
    return new Example(urls, log, starting.move())
  }

  /** What curl gets; a path may stand for several. */
  async curl(path: string, ...args: readonly string[]): Promise<Answer[]> {
    return this.tell('gateway', path, ...args)
  }

  /** The same, of one of the servers. */
  async tell(name: string, path: string, ...args: readonly string[]): Promise<Answer[]> {
    const fixed = ['--silent', '--show-error', '--include', '--max-time', '20', '--write-out', mark]
    const { stdout } = await run('curl', [...fixed, ...args, `${this.urls[name]}${path}`])
    return stdout.split(mark).slice(0, -1).map(readAnswer)
  }

  /** Comes when the log has a further line with these fields. */
  line(fields: LogLine): Promise<LogLine> {
    return this.#log.line(fields)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync()
  }
}

/** Lines of a log; each is found once. */
class GatewayLog {
  readonly #lines: LogLine[] = []
  #waiting: (() => void)[] = []
  #ended = false

  constructor({ stdout }: ChildProcess) {
    if (stdout === null) throw new Error('there is no output')
    const lines = createInterface({ input: stdout })
    // The command logs one JSON object a line.
    lines.on('line', (line) => this.#wake(() => this.#lines.push(JSON.parse(line) as LogLine)))
    lines.on('close', () => this.#wake(() => (this.#ended = true)))
  }

  async line(fields: LogLine): Promise<LogLine> {
    for (;;) {
      const index = this.#lines.findIndex((line) =>
        Object.entries(fields).every(([name, value]) => line[name] === value),
      )
      const [found] = index < 0 ? [] : this.#lines.splice(index, 1)
      if (found !== undefined) return found
      if (this.#ended) throw new Error(`the gateway ended before ${JSON.stringify(fields)}`)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  #wake(change: () => void): void {
    change()
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

function readAnswer(text: string): Answer {
  const headEnd = text.indexOf('\r\n\r\n')
  return { status: Number(text.split(' ')[1]), body: text.slice(headEnd + 4) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  await closed
}
