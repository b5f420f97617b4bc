import { spawn } from 'node:child_process'
import { root } from './workspace.ts'

/** What is captured is shown later, so programs cannot see whether colours are wanted. */
const colours = process.stdout.isTTY
  ? { FORCE_COLOR: '1' }
  : { FORCE_COLOR: undefined, NO_COLOR: '1' }

/** Thrown when a check finds something; `output` is for people. */
export class CheckFailed extends Error {
  readonly output: string

  constructor(message: string, output: string) {
    super(message)
    this.output = output
  }
}

export interface RunOptions {
  /** Default: the root of the checkout. */
  readonly cwd?: string
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Runs a program without standard input and returns what it prints on both streams.
 *
 * @throws CheckFailed with that output, if the program ends with anything but 0
 */
export async function run(
  command: string,
  args: readonly string[],
  { cwd = root, env = {} }: RunOptions = {},
): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...colours, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk) => chunks.push(chunk))
  child.stderr.on('data', (chunk) => chunks.push(chunk))
  const { promise, resolve, reject } = Promise.withResolvers<number | NodeJS.Signals | null>()
  child.once('error', reject)
  child.once('close', (code, signal) => resolve(signal ?? code))

  const ending = await promise
  const output = Buffer.concat(chunks).toString()
  if (ending === 0) return output
  throw new CheckFailed(`${[command, ...args].join(' ')} ended with ${ending}`, output)
}

/** Runs a program of `node_modules`, named by the path of its file there, on this Node. */
export function runTool(file: string, ...args: readonly string[]): Promise<string> {
  return run(process.execPath, [`${root}/node_modules/${file}`, ...args])
}

/** Runs pnpm in the version that the workspace is made with. */
export function runPnpm(args: readonly string[], options?: RunOptions): Promise<string> {
  return run('npx', ['-y', 'pnpm@12', ...args], options)
}
