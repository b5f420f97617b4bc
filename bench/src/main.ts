/**
 * `npm run bench`: measures Gatewright beside its peers. See `--help`.
 *
 * @module
 */
import { constants } from 'node:os'
import { installTools } from './install.ts'
import { help, type Options, readOptions, UsageError } from './options.ts'
import { writeReport } from './report/write-report.ts'
import { run } from './run/run.ts'

// Whatever was started is ended by listeners to 'exit'. Signals may come twice, to this process and
// passed on by the one that started it, and the second one must not end it before they are done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]))
}
process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args)
    if (options !== undefined) return await bench(options)
    process.stdout.write(help)
    return 0
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`error: ${error.message}`)
    return 2
  }
}

/** 1 if the gateway gave a wrong answer or did not start; ratios gate nothing. */
async function bench(options: Options): Promise<number> {
  if (process.platform !== 'linux') throw new UsageError('it reads processor time from Linux only')
  if (options.install) await installTools(say)
  const result = await run(options, say)
  const written = await writeReport(result, options.output)
  for (const file of written) say(`wrote ${file}`)
  if (options.json) console.log(JSON.stringify(result, undefined, 2))
  const failed = result.scenarios
    .flatMap(({ candidates }) => candidates)
    .some(({ name, status }) => status === 'failed' && name.startsWith('gatewright'))
  return failed ? 1 : 0
}

/** On standard error, since what stands on standard output is the result. */
function say(line: string): void {
  console.error(line)
}
