import { readProgramVersion, tryFindProgram } from '../process/program.ts'
import type { Workbench } from '../process/workbench.ts'
import { H2load } from './h2load.ts'
import { bulkBytes, type Load, type LoadGenerator } from './load.ts'
import { EchoClient, EventClient, OwnClient, OwnHttp2Client } from './own-client.ts'
import { Wrk } from './wrk.ts'

/** The load generators that this machine has. */
export interface Generators {
  readonly wrk: Wrk | undefined
  readonly h2load: H2load | undefined
  readonly own: OwnClient
  readonly ownHttp2: OwnHttp2Client
  readonly events: EventClient
  readonly echo: EchoClient
}

/** @param native False leaves out programs that do not come from npm. */
export async function findGenerators(workbench: Workbench, native: boolean): Promise<Generators> {
  const find = native ? tryFindGenerator : async () => undefined
  return {
    wrk: await find('wrk', '-v', (file, version) => new Wrk(file, version, workbench)),
    h2load: await find('h2load', '--version', (file, version) => {
      return new H2load(file, version, workbench)
    }),
    own: new OwnClient(workbench),
    ownHttp2: new OwnHttp2Client(workbench),
    events: new EventClient(workbench),
    echo: new EchoClient(workbench),
  }
}

async function tryFindGenerator<G>(
  name: string,
  versionOption: string,
  create: (file: string, version: string) => G,
): Promise<G | undefined> {
  const file = tryFindProgram(name)
  if (file === undefined) return undefined
  return create(file, await readProgramVersion(file, versionOption))
}

/** Who compares what a candidate answers before anything is measured. */
export function chooseChecker(generators: Generators, load: Load): LoadGenerator {
  const { own, ownHttp2, events, echo } = generators
  return { 'http/1.1': own, 'http/2': ownHttp2, grpc: ownHttp2, events, websocket: echo }[
    load.protocol
  ]
}

/** Who puts the load on. Our own clients stand in where a program is not installed. */
export function chooseGenerator(generators: Generators, load: Load): LoadGenerator {
  const native = chooseNative(generators, load)
  return native ?? chooseChecker(generators, load)
}

/**
 * wrk only where it can check what it gets. With new connections it cannot: it believes what a
 * response says about its connection, which some proxies copy from the upstream, and counts read
 * errors that are none.
 */
function chooseNative({ wrk, h2load }: Generators, load: Load): LoadGenerator | undefined {
  if (load.protocol === 'http/2' || load.protocol === 'grpc') return h2load
  if (load.protocol !== 'http/1.1' || load.newConnections) return undefined
  return Math.max(load.uploadBytes, load.downloadBytes) > bulkBytes ? undefined : wrk
}
