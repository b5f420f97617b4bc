import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(
  new URL('../../create-gatewright-plugin/src/main.ts', import.meta.url),
)

/** How the command ended, and what it printed. */
export interface Ending {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A temporary folder to run the command in. */
export interface Folder extends AsyncDisposable {
  readonly path: string
  /** Runs `create-gatewright-plugin`, which never finds a terminal. */
  readonly create: (...args: readonly string[]) => Promise<Ending>
}

/** Goes away with everything in it. */
export async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'gatewright-create-'))
  return {
    path,
    create: (...args) => run(args, path),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}

async function run(args: readonly string[], cwd: string): Promise<Ending> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...process.env, npm_config_user_agent: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 25_000,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data) => (stdout += String(data)))
  child.stderr.on('data', (data) => (stderr += String(data)))
  const [code] = await once(child, 'close')
  return { code: Number(code), stdout, stderr }
}
