/**
 * How much processor time a process tree has used, read from Linux's `/proc`.
 *
 * `schedstat` counts nanoseconds, but only as a sum; `stat` tells user from system time, but in
 * ticks of 10 ms. So the sum comes from the one and the split from the other.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fieldsOfStat } from '../process/process-tree.ts'

/** Where the sum comes from. */
export type CpuSource = 'schedstat' | 'stat'

/** Processor time of each thread at one moment. */
export type CpuReading = ReadonlyMap<string, ThreadTime>

/** What one thread has used since it began. */
export interface ThreadTime {
  readonly nanos: number
  readonly userTicks: number
  readonly systemTicks: number
}

/** Processor time between two readings, in microseconds. */
export interface CpuTime {
  readonly total: number
  readonly user: number
  readonly system: number
}

/** Linux reports clock ticks of 1/100 s to user space on every platform that Node runs on. */
const nanosPerTick = 10_000_000

/** How long {@link chooseCpuSource} looks; `schedstat` may be late by a tick of up to 10 ms. */
const probeMicros = 100_000

/** Reads every thread of the given processes; those that have ended are left out. */
export function readCpu(pids: readonly number[], source: CpuSource): CpuReading {
  const reading = new Map<string, ThreadTime>()
  for (const pid of pids) {
    for (const thread of threadsOf(pid)) {
      const time = tryThreadTime(`/proc/${pid}/task/${thread}`, source)
      if (time !== undefined) reading.set(`${pid}/${thread}`, time)
    }
  }
  return reading
}

/** A thread that began in between counts from 0; one that ended in between cannot be counted. */
export function cpuBetween(before: CpuReading, after: CpuReading): CpuTime {
  let nanos = 0
  let userTicks = 0
  let systemTicks = 0
  for (const [thread, end] of after) {
    const begin = before.get(thread)
    nanos += end.nanos - (begin?.nanos ?? 0)
    userTicks += end.userTicks - (begin?.userTicks ?? 0)
    systemTicks += end.systemTicks - (begin?.systemTicks ?? 0)
  }
  const total = nanos / 1000
  const ticks = userTicks + systemTicks
  const user = ticks === 0 ? 0 : (total * userTicks) / ticks
  return { total, user, system: total - user }
}

/** The first field of `schedstat`: nanoseconds on a processor. `undefined` if it is no such text. */
export function tryParseSchedstat(text: string): number | undefined {
  const match = /^(\d+) \d+ \d+\s*$/.exec(text)
  return match === null ? undefined : Number(match[1])
}

/** User and system time in ticks: fields 14 and 15 of `stat`. */
export function parseTicks(stat: string): Pick<ThreadTime, 'userTicks' | 'systemTicks'> {
  const fields = fieldsOfStat(stat)
  return { userTicks: Number(fields[11]), systemTicks: Number(fields[12]) }
}

/**
 * Keeps this process busy for a moment and compares what `schedstat` says about it with what Node
 * says; some kernels are built without it, and then it is all zeros. The moment is one of processor
 * time, since on a busy machine there is little of it in a moment of a clock.
 */
export function chooseCpuSource(): CpuSource {
  const before = readCpu([process.pid], 'schedstat')
  const usage = process.cpuUsage()
  let { user, system } = usage
  do ({ user, system } = process.cpuUsage(usage))
  while (user + system < probeMicros)
  const { total } = cpuBetween(before, readCpu([process.pid], 'schedstat'))
  return Math.abs(total / (user + system) - 1) < 0.25 ? 'schedstat' : 'stat'
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    // It has ended.
    return []
  }
}

function tryThreadTime(folder: string, source: CpuSource): ThreadTime | undefined {
  try {
    const ticks = parseTicks(readFileSync(`${folder}/stat`, 'utf8'))
    const coarse = (ticks.userTicks + ticks.systemTicks) * nanosPerTick
    if (source === 'stat') return { ...ticks, nanos: coarse }
    const nanos = tryParseSchedstat(readFileSync(`${folder}/schedstat`, 'utf8'))
    return { ...ticks, nanos: nanos ?? 0 }
  } catch {
    // It has ended.
    return undefined
  }
}
