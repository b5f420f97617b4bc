/**
 * The `gatewright` command.
 *
 * @module
 */
import { endProcess, forgiveClosedPipes } from './process-end.ts'
import { run } from './program.ts'

forgiveClosedPipes()
endProcess(await run(process.argv.slice(2)))
