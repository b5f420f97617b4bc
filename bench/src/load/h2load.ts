import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { percentile } from '../measure/statistics.ts'
import { createMessage } from '../payload.ts'
import type { Workbench } from '../process/workbench.ts'
import { boundMs, type LoadGenerator, type LoadJob, type LoadReport, urlOf } from './load.ts'

/** Requests that each connection has under way at the same time. */
export const streamsPerConnection = 10

/**
 * h2load, for HTTP/2. It looks at the status of every response, but only at the sum of their sizes;
 * bodies are compared by our own client before.
 */
export class H2load implements LoadGenerator {
  readonly name = 'h2load'
  readonly version: string
  readonly #file: string
  readonly #workbench: Workbench

  constructor(file: string, version: string, workbench: Workbench) {
    this.#file = file
    this.version = version
    this.#workbench = workbench
  }

  async run(job: LoadJob): Promise<LoadReport> {
    const log = join(this.#workbench.folder, 'h2load.log')
    await rm(log, { force: true })
    const { connections, seconds, host, headers, port } = job
    const args = [`-c${connections}`, `-m${streamsPerConnection}`, '-t1', `-D${seconds}`]
    args.push('--log-file', log, '-H', `:authority: ${host}`)
    args.push(...headers.flatMap((line) => ['-H', line]), urlOf(port, job))
    if (job.protocol === 'grpc') args.push('-d', await this.#writeMessage(job))
    const command = { file: this.#file, args }
    const { code, stdout, stderr } = await this.#workbench.run(command, boundMs(job))
    if (code !== 0) throw new Error(`h2load failed: ${stderr.trim() || stdout.trim()}`)
    return parseH2load(stdout, await readFile(log, 'utf8'), job)
  }

  async #writeMessage({ uploadBytes }: LoadJob): Promise<string> {
    const file = join(this.#workbench.folder, 'message')
    await writeFile(file, createMessage(uploadBytes))
    return file
  }
}

/**
 * Reads what h2load prints and its log: begin, status and microseconds of each request. Percentiles
 * come from the log, since it prints none.
 */
export function parseH2load(output: string, log: string, job: LoadJob): LoadReport {
  const counts =
    /^requests: \d+ total, \d+ started, (\d+) done, \d+ succeeded, (\d+) failed, (\d+) errored, (\d+) timeout$/m
  const found = counts.exec(output)
  const seconds = /^finished in ([\d.]+)(m?s),/m.exec(output)
  if (found === null || seconds === null)
    throw new Error(`h2load printed something else: ${output}`)
  const [, done = '0', failed, errored, timedOut] = found
  const lines = log.split('\n').filter((line) => line !== '')
  const times = Float64Array.from(lines, (line) => Number(line.split('\t')[2])).toSorted()
  return {
    requests: Number(done),
    seconds: Number(seconds[1]) / (seconds[2] === 'ms' ? 1000 : 1),
    p50Micros: percentile(times, 0.5),
    p99Micros: percentile(times, 0.99),
    problems: [
      ...countProblems({ failed, errored, 'timed out': timedOut }),
      ...statusProblems(lines),
      ...protocolProblems(output, job),
      ...sizeProblems(output, Number(done), job),
    ],
  }
}

function countProblems(counts: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(counts)
    .filter(([, count]) => Number(count) > 0)
    .map(([name, count]) => `${count} requests ${name}`)
}

function statusProblems(lines: readonly string[]): string[] {
  const wrong = lines.filter((line) => line.split('\t')[1] !== '200')
  return wrong.length === 0 ? [] : [`${wrong.length} responses with another status than 200`]
}

function protocolProblems(output: string, { encrypted }: LoadJob): string[] {
  const protocol = /^Application protocol: (\S+)/m.exec(output)?.[1] ?? 'none'
  const wanted = encrypted ? 'h2' : 'h2c'
  return protocol === wanted ? [] : [`protocol ${protocol}, not ${wanted}`]
}

/** Responses that were under way at the end count with a part of their bodies. */
function sizeProblems(output: string, done: number, job: LoadJob): string[] {
  const bytes = Number(/^traffic: .*\((\d+)\) data$/m.exec(output)?.[1])
  const least = done * job.downloadBytes
  const most = least + job.connections * streamsPerConnection * job.downloadBytes
  if (bytes >= least && bytes <= most) return []
  return [`${bytes} bytes of bodies in ${done} responses of ${job.downloadBytes}`]
}
