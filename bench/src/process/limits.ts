import { readFileSync } from 'node:fs'
import { runToEnd } from './child.ts'
import { tryFindProgram } from './program.ts'

/** Enough for every scenario, where this process may raise its limit. */
const wantedFiles = 65_536
/** For whatever is open besides connections. */
const otherFiles = 1024

/**
 * How many clients a proxy can have at the same time. A proxy may need two files for each of them,
 * and HAProxy insists on it; the ports that connections come from are fewer still, since those of
 * connections that ended a moment ago stay in use. Raises the limit of open files, if it can.
 */
export async function readMaxConnections(): Promise<number> {
  const files = await raiseFileLimit()
  const ports = parsePortRange(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'))
  return maxConnectionsOf(files, ports)
}

/** The same, of a number of files and of ports. */
export function maxConnectionsOf(files: number, ports: number): number {
  return Math.floor(Math.min((files - otherFiles) / 2, ports / 2))
}

/** How many ports lie in a range as the kernel writes it: first and last one. */
export function parsePortRange(text: string): number {
  const [first = 0, last = 0] = text.trim().split(/\s+/).map(Number)
  return last - first + 1
}

/** The hard limit in a `/proc/PID/limits`; Node raises the soft one to it by itself. */
export function parseFileLimit(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1]
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard ?? wantedFiles)
}

/** Everything that the harness starts inherits the limit. */
async function raiseFileLimit(): Promise<number> {
  const limit = readFileLimit()
  const file = tryFindProgram('prlimit')
  if (limit >= wantedFiles || file === undefined) return limit
  // It fails for everybody but root; then the limit is what it was.
  await runToEnd({ file, args: [`--pid=${process.pid}`, `--nofile=${wantedFiles}`] }, 5000)
  return readFileLimit()
}

function readFileLimit(): number {
  return parseFileLimit(readFileSync('/proc/self/limits', 'utf8'))
}
