/**
 * What a worker process runs. The supervisor starts it; it has no arguments.
 *
 * @module
 */
import { endProcess, forgiveClosedPipes } from '../process-end.ts'
import { SupervisorChannel } from './channel.ts'
import { work } from './worker.ts'

forgiveClosedPipes()
endProcess(await work(new SupervisorChannel()))
