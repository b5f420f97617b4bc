/**
 * `npm run soak`: a gateway under load, faults and reloads at once. See `--help`.
 *
 * @module
 */
import { constants } from 'node:os'
import { help, readOptions, type SoakOptions, UsageError } from './options.ts'
import { json, progressLine, table } from './report.ts'
import { Soak } from './soak.ts'

const progressEveryMs = 5000

// The gateway is ended by a listener to 'exit'.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]))
}
process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args)
    if (options !== undefined) return await soak(options)
    process.stdout.write(help)
    return 0
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`error: ${error.message}\n`)
    return 2
  }
}

/** 1 if something was not as it should be. */
async function soak(options: SoakOptions): Promise<number> {
  const run = new Soak(options)
  const until = performance.now() + options.seconds * 1000
  const say = (): void => {
    const line = progressLine(run.tally, (until - performance.now()) / 1000)
    if (process.stderr.isTTY) process.stderr.write(line)
  }
  const timer = setInterval(say, progressEveryMs)
  try {
    const result = await run.run()
    process.stdout.write(options.json ? json(result) : table(result))
    return result.tally.problemCount === 0 ? 0 : 1
  } finally {
    clearInterval(timer)
  }
}
