import { readProgramVersion, tryFindProgram } from '../process/program.ts'
import type { Workbench } from '../process/workbench.ts'
import { bulkBytes, type Load, type LoadGenerator } from './load.ts'
import { OwnClient } from './own-client.ts'
import { Wrk } from './wrk.ts'

/** The load generators that this machine has. */
export interface Generators {
  readonly wrk: Wrk | undefined
  readonly own: OwnClient
}

/** @param native False leaves out programs that do not come from npm. */
export async function findGenerators(workbench: Workbench, native: boolean): Promise<Generators> {
  const own = new OwnClient(workbench)
  const file = native ? tryFindProgram('wrk') : undefined
  if (file === undefined) return { wrk: undefined, own }
  return { wrk: new Wrk(file, await readProgramVersion(file, '-v'), workbench), own }
}

/** wrk where it can check what it gets. */
export function chooseGenerator({ wrk, own }: Generators, load: Load): LoadGenerator {
  const bulky = Math.max(load.uploadBytes, load.downloadBytes) > bulkBytes
  return bulky || wrk === undefined ? own : wrk
}
