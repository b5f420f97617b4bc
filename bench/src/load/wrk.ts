import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createPayload } from '../payload.ts'
import type { Workbench } from '../process/workbench.ts'
import {
  boundMs,
  type LoadGenerator,
  type LoadJob,
  type LoadReport,
  stallMs,
  urlOf,
} from './load.ts'

const microsPerUnit: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1000,
  s: 1e6,
  m: 60e6,
  h: 3600e6,
}

/** What OpenSSL reads at its start. */
const tls12Only = `openssl_conf = settings
[settings]
ssl_conf = tls
[tls]
system_default = versions
[versions]
MaxProtocol = TLSv1.2
`

/** wrk with a script that compares the status and the whole body of every response. */
export class Wrk implements LoadGenerator {
  readonly name = 'wrk'
  readonly version: string
  readonly #file: string
  readonly #workbench: Workbench

  constructor(file: string, version: string, workbench: Workbench) {
    this.#file = file
    this.version = version
    this.#workbench = workbench
  }

  async run(job: LoadJob): Promise<LoadReport> {
    const script = await this.#writeScript(job)
    const args = [
      `-t${job.threads}`,
      `-c${job.connections}`,
      `-d${job.seconds}s`,
      '--timeout',
      `${stallMs / 1000}s`,
    ]
    args.push('--latency', '-s', script, urlOf(job.port, job))
    const env = await this.#environmentFor(job)
    const { code, stdout, stderr } = await this.#workbench.run(
      { file: this.#file, args, env },
      boundMs(job),
    )
    if (code !== 0) throw new Error(`wrk failed: ${stderr.trim() || stdout.trim()}`)
    return parseWrk(stdout)
  }

  /** With TLS 1.3 it could resume every second session only, since their tickets hold once. */
  async #environmentFor(job: LoadJob): Promise<Readonly<Record<string, string>>> {
    if (!job.encrypted || !job.newConnections) return {}
    const file = join(this.#workbench.folder, 'openssl.cnf')
    await writeFile(file, tls12Only)
    return { OPENSSL_CONF: file }
  }

  async #writeScript(job: LoadJob): Promise<string> {
    const { folder } = this.#workbench
    const expected = join(folder, 'expected')
    const upload = join(folder, 'upload')
    await writeFile(expected, createPayload(job.downloadBytes))
    await writeFile(upload, createPayload(job.uploadBytes))
    const script = join(folder, 'check.lua')
    await writeFile(script, renderScript(job, expected, upload))
    return script
  }
}

/** The script for a job whose bodies lie in the given files. */
export function renderScript(job: LoadJob, expected: string, upload: string): string {
  const headers = [`Host: ${job.host}`, ...job.headers]
  const lines = headers.map((line) => {
    const [name = '', value = ''] = line.split(/: (.*)/)
    return `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`
  })
  if (job.method === 'POST') {
    lines.push('wrk.method = "POST"', `wrk.body = io.open(${JSON.stringify(upload)}):read("*a")`)
  }
  // Globals, because only those can be read from outside of the thread.
  return `${lines.join('\n')}
local expected = io.open(${JSON.stringify(expected)}):read("*a")
local threads = {}
function setup(thread) threads[#threads + 1] = thread end
function init() right = 0; wrong = 0; problem = "" end
function response(status, headers, body)
  if status == 200 and body == expected then right = right + 1 return end
  wrong = wrong + 1
  problem = "status " .. status .. ", " .. #body .. " bytes"
end
function done()
  local right, wrong, problem = 0, 0, ""
  for _, thread in ipairs(threads) do
    right = right + thread:get("right")
    wrong = wrong + thread:get("wrong")
    if thread:get("problem") ~= "" then problem = thread:get("problem") end
  end
  print("checked: " .. right .. " right, " .. wrong .. " wrong")
  print("problem: " .. problem)
end
`
}

/**
 * Reads what wrk prints. Percentiles are taken from the start of their line only: the column
 * "+/- Stdev" can read 50 % or 99 % as well.
 */
export function parseWrk(output: string): LoadReport {
  const total = /^ *(\d+) requests in (\S+),/m.exec(output)
  const checked = /^checked: (\d+) right, (\d+) wrong$/m.exec(output)
  if (total === null || checked === null) throw new Error(`wrk printed something else: ${output}`)
  const [, right = '0', wrong = '0'] = checked
  const problems: string[] = []
  if (wrong !== '0') {
    const problem = /^problem: (.+)$/m.exec(output)?.[1] ?? 'unknown'
    problems.push(`${wrong} wrong responses, the last one with ${problem}`)
  }
  problems.push(...socketProblems(output))
  return {
    requests: Number(right) + Number(wrong),
    seconds: parseDuration(total[2] ?? '') / 1e6,
    p50Micros: percentileOf(output, 50),
    p99Micros: percentileOf(output, 99),
    problems,
  }
}

function socketProblems(output: string): string[] {
  const errors = /^ *Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)$/m.exec(
    output,
  )
  if (errors === null) return []
  const names = ['connect', 'read', 'write', 'timeout']
  return names
    .map((name, index) => ({ name, count: Number(errors[index + 1]) }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} ${name} errors`)
}

function percentileOf(output: string, percent: number): number {
  const match = new RegExp(`^ *${percent}% +(\\S+)$`, 'm').exec(output)
  return parseDuration(match?.[1] ?? '')
}

/** Microseconds. */
function parseDuration(text: string): number {
  const [, amount, unit = ''] = /^([\d.]+)([a-z]+)$/.exec(text) ?? []
  return Number(amount) * (microsPerUnit[unit] ?? Number.NaN)
}
