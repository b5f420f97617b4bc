import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { reply, request, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { Cli, createFolder, type Folder, runCli } from '../cli.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
// Of util-linux, which makes a terminal for a command. Those of other systems take other options.
const hasTerminals = String(spawnSync('script', ['--version']).stdout).includes('util-linux')

describe('top', { timeout: 90_000 }, () => {
  it.each([1, 2])('sees the traffic of %i workers, line by line', async (workers) => {
    await using upstream = await startUpstream(reply(503))
    const text = `workers = ${workers}\nmetrics {}\n${configuration(upstream.url)}`
    await using folder = await createFolder({ 'gateway.hcl': text })
    await using cli = new Cli([], { cwd: folder.path, env: runtime(folder) })
    const url = await cli.url()
    using traffic = keepAsking(url)
    using top = start(['top', '--json', '--interval', '200ms'], folder)

    const line = await top.lineWith((seen) => requestsIn(seen) > 0)
    traffic[Symbol.dispose]()

    expect(JSON.parse(line)).toMatchObject({
      pid: cli.pid,
      state: 'Running',
      workers,
      counted_by: 'metrics',
      total: { requests: expect.any(Number), errors: expect.any(Number), p50: expect.any(Number) },
      routers: [{ name: 'app', service: 'app', p99: expect.any(Number) }],
      services: [{ name: 'app', healthy: 1, servers: 1 }],
      servers: [{ url: upstream.url, state: 'up' }],
    })
  })

  it('prints one table where there is no terminal, and says what is missing', async () => {
    await using folder = await createFolder({ 'gateway.hcl': configuration('http://127.0.0.1:1') })
    await using cli = new Cli([], { cwd: folder.path, env: runtime(folder) })
    await cli.url()

    const { code, stdout, stderr } = await runCli(['top', '--interval', '100ms'], {
      cwd: folder.path,
      env: runtime(folder),
    })

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`kill -HUP ${cli.pid}\n`)
    expect(stdout).toMatch(/^! nobody counts requests, errors and latencies/m)
    expect(stdout).toMatch(/^app +1\/1 +0 +- +- +- +-$/m)
  })

  it('ends with 1 when the gateway does', async () => {
    await using folder = await createFolder({ 'gateway.hcl': configuration('http://127.0.0.1:1') })
    await using cli = new Cli([], { cwd: folder.path, env: runtime(folder) })
    await cli.url()
    using top = start(['top', '--json', '--interval', '100ms'], folder)
    await top.lineWith(() => true)

    cli.kill('SIGTERM')

    expect(await top.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/has ended/) })
  })

  it('refuses an interval that is none', async () => {
    const { code, stderr } = await runCli(['top', '--interval', '5ms'])

    expect(code).toBe(2)
    expect(stderr).toContain('at least 100ms, such as 2s, found "5ms"')
  })

  it.skipIf(!hasTerminals)('draws on a terminal until q, and leaves it as it was', async () => {
    const text = `metrics {}\n${configuration('http://127.0.0.1:1')}`
    await using folder = await createFolder({ 'gateway.hcl': text })
    await using cli = new Cli([], { cwd: folder.path, env: runtime(folder) })
    await cli.url()
    const command = `stty rows 12 cols 50; ${process.execPath} ${main} top --interval 100ms`
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: folder.path,
      env: { ...process.env, ...runtime(folder), TERM: 'xterm' },
      timeout: 60_000,
    })
    const screen = new Output(child)

    // Two pages with figures: the second one is drawn over the first.
    await screen.until((seen) => seen.split('\u001B[H').length > 3)
    child.stdin.write('q')
    const [code] = await once(child, 'close')

    const pages = screen.text.split('\u001B[H').slice(1)
    expect(code).toBe(0)
    expect(screen.text.startsWith('\u001B[?1049h\u001B[?25l')).toBe(true)
    expect(screen.text.endsWith('\u001B[?25h\u001B[?1049l')).toBe(true)
    expect(pages[1]).toContain('ROUTER  SERVICE  REQ/S')
    for (const page of pages) expect(page.split('\r\n').length).toBeLessThanOrEqual(12)
  })
})

/** What a command has printed so far. */
class Output {
  text = ''
  #wake = Promise.withResolvers<void>()

  constructor({ stdout }: ChildProcess) {
    stdout?.setEncoding('utf8').on('data', (data: string) => {
      this.text += data
      this.#wake.resolve()
      this.#wake = Promise.withResolvers()
    })
  }

  async until(isEnough: (text: string) => boolean): Promise<void> {
    while (!isEnough(this.text)) await this.#wake.promise
  }
}

interface Running extends Disposable {
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>
  lineWith(isWanted: (line: string) => boolean): Promise<string>
}

/** A command that goes on until it is ended. */
function start(args: readonly string[], folder: Folder): Running {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder.path,
    env: { ...process.env, ...runtime(folder) },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (data: string) => (stderr += data))
  const lines = createInterface({ input: child.stdout })
  return {
    ended: once(child, 'close').then(([code]) => ({ code, stderr })),
    async lineWith(isWanted) {
      for (;;) {
        const [line] = await once(lines, 'line')
        if (isWanted(String(line))) return String(line)
      }
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

/** Sends one request after the other until that is disposed. */
function keepAsking(url: string): Disposable {
  const enough = new AbortController()
  const ask = async (): Promise<void> => {
    while (!enough.signal.aborted) await request(url).catch(() => undefined)
  }
  // It never rejects, and ends by itself.
  void ask()
  return { [Symbol.dispose]: () => enough.abort() }
}

function requestsIn(line: string): number {
  // What `top --json` prints.
  const { total } = JSON.parse(line) as { total: { requests: number | null } }
  return total.requests ?? 0
}

function configuration(server: string): string {
  return `entrypoints "web" {
  address = "127.0.0.1:0"
}
routers "app" {
  rule    = "PathPrefix(\`/\`)"
  service = "app"
}
services "app" {
  load_balancer {
    servers = [{ url = "${server}" }]
  }
}
`
}

function runtime({ path }: Folder): NodeJS.ProcessEnv {
  return { GATEWRIGHT_RUNTIME_DIR: join(path, 'run') }
}
