/**
 * The `gatewright` command.
 *
 * @module
 */
import { run } from './program.ts'

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read along has had enough; a gateway goes on without.
    if (error.code !== 'EPIPE') throw error
  })
}

const exitCode = await run(process.argv.slice(2))
// What plugins left behind must not keep the process, but all of the output has to be out.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))
