import { readFileSync } from 'node:fs'
import { type Command, runToEnd } from './child.ts'
import { tryFindProgram } from './program.ts'

/** Which processor cores do what. */
export interface Cores {
  /** Of the candidate that is measured, as `taskset -c` takes it. */
  readonly proxy: string
  /** Of candidates that are to have two; `undefined` if that would not leave two for the rest. */
  readonly pair: string | undefined
  /** Of upstream, load generator and harness. */
  readonly rest: string
}

/** From this many cores on, candidates can have two of them. */
const coresForPair = 4

/**
 * The first core for the proxy, or the first two, all others for the rest; `undefined` if there are
 * not two.
 */
export function divideCores(allowed: readonly number[]): Cores | undefined {
  const [proxy, second] = allowed
  if (proxy === undefined || second === undefined) return undefined
  const paired = allowed.length >= coresForPair
  return {
    proxy: String(proxy),
    pair: paired ? `${proxy},${second}` : undefined,
    rest: allowed.slice(paired ? 2 : 1).join(','),
  }
}

/** Reads a list as the kernel writes it: `0-2,5`. */
export function parseCoreList(list: string): readonly number[] {
  return list
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
}

/**
 * Moves the harness, and so everything that it starts, off the proxy's core. Returns why if that
 * cannot be done; then nothing is pinned.
 */
export async function takeCores(): Promise<Cores | string> {
  if (tryFindProgram('taskset') === undefined) return 'taskset is not installed'
  const cores = divideCores(allowedCores())
  if (cores === undefined) return 'there are fewer than two cores'
  const args = ['-a', '-p', '-c', cores.rest, String(process.pid)]
  const { code, stderr } = await runToEnd({ file: 'taskset', args }, 5000)
  return code === 0 ? cores : `taskset failed: ${stderr.trim()}`
}

/** The same command on the given cores. `taskset` becomes the program, so the pid is the same. */
export function pinned({ file, args, env }: Command, cores: string): Command {
  return { file: 'taskset', args: ['-c', cores, file, ...args], ...(env !== undefined && { env }) }
}

function allowedCores(): readonly number[] {
  const status = readFileSync('/proc/self/status', 'utf8')
  return parseCoreList(/^Cpus_allowed_list:\s*(.+)$/m.exec(status)?.[1] ?? '')
}
