import { readProgramVersion, tryFindProgram } from '../process/program.ts'
import type { Workbench } from '../process/workbench.ts'
import { bulkBytes, type Load, type LoadGenerator } from './load.ts'
import { EventClient, OwnClient } from './own-client.ts'
import { Wrk } from './wrk.ts'

/** The load generators that this machine has. */
export interface Generators {
  readonly wrk: Wrk | undefined
  readonly own: OwnClient
  readonly events: EventClient
}

/** @param native False leaves out programs that do not come from npm. */
export async function findGenerators(workbench: Workbench, native: boolean): Promise<Generators> {
  const own = new OwnClient(workbench)
  const events = new EventClient(workbench)
  const file = native ? tryFindProgram('wrk') : undefined
  if (file === undefined) return { wrk: undefined, own, events }
  return { wrk: new Wrk(file, await readProgramVersion(file, '-v'), workbench), own, events }
}

/**
 * wrk where it can check what it gets. With new connections it cannot: it believes what a response
 * says about its connection, which some proxies copy from the upstream, and counts read errors that
 * are none.
 */
export function chooseGenerator({ wrk, own, events }: Generators, load: Load): LoadGenerator {
  if (load.protocol === 'events') return events
  const bulky = Math.max(load.uploadBytes, load.downloadBytes) > bulkBytes
  return bulky || load.newConnections || wrk === undefined ? own : wrk
}
