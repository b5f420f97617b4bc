import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { root } from '../workspace.ts'

/** How a program ended, and what it printed. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A small checkout in which `npx` is a program of the test. */
export interface Sandbox extends AsyncDisposable {
  readonly folder: string
  write(file: string, text: string): Promise<void>
  /** Runs `node` in the sandbox to its end. */
  node(...args: string[]): Promise<Ending>
  start(command: string, args: string[], cwd?: string): ChildProcess
  /** How often `npx` ran. */
  countInstalls(): Promise<number>
}

/** Brings a Node as the lockfile would. */
const workingInstall = `
  echo installed >> installs.log
  mkdir -p "${dirname(pinned())}" && ln -sf "${process.execPath}" "${pinned()}"`

/** The path below the root where the lockfile's Node comes to lie on this machine. */
function pinned(): string {
  return `node_modules/node-${process.platform}-${process.arch}/bin/node`
}

/** Makes a sandbox whose `npx` is the shell script `install`, with the root as working directory. */
export async function createSandbox(install: string = workingInstall): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-sandbox-'))
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  for (const file of ['scripts/bootstrap.mjs', 'bin/gatewright']) {
    await write(file, '')
    await copyFile(join(root, file), join(folder, file))
  }
  await chmod(join(folder, 'bin/gatewright'), 0o755)
  await write('pnpm-lock.yaml', 'lockfileVersion: 9.0\n')
  await write('pnpm-workspace.yaml', 'packages:\n  - packages/*\n')
  await write('package.json', '{}')
  await write('fake/npx', `#!/bin/sh\n${install}\n`)
  await chmod(join(folder, 'fake/npx'), 0o755)
  await symlink(process.execPath, join(folder, 'fake/node'))

  const env = {
    ...process.env,
    PATH: [join(folder, 'fake'), process.env['PATH']].join(delimiter),
  }
  const start: Sandbox['start'] = (command, args, cwd = folder) =>
    spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  return {
    folder,
    write,
    start,
    node: (...args) => waitForEnd(start('node', args)),
    async countInstalls() {
      const log = await readFile(join(folder, 'installs.log'), 'utf8')
      return log.trim().split('\n').length
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

/** Reads both outputs until the program has ended. */
export async function waitForEnd(child: ChildProcess): Promise<Ending> {
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (data) => (output.stdout += String(data)))
  child.stderr?.on('data', (data) => (output.stderr += String(data)))
  await once(child, 'close')
  return { code: child.exitCode, signal: child.signalCode, ...output }
}
