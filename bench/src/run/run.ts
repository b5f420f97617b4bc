import { installBuiltCli } from '../built-cli.ts'
import { findGenerators, type Generators } from '../load/generators.ts'
import { describeMachine, readRevision } from '../machine.ts'
import { chooseCpuSource } from '../measure/cpu-clock.ts'
import type { MicroResult } from '../micro/micro.ts'
import { runMicro } from '../micro/run-micro.ts'
import type { Options } from '../options.ts'
import type { Peer } from '../peers/peer.ts'
import { allPeers, isNative } from '../peers/peers.ts'
import { type Cores, takeCores } from '../process/cores.ts'
import { readMaxConnections } from '../process/limits.ts'
import { readProgramVersion, tryFindProgram } from '../process/program.ts'
import { Workbench } from '../process/workbench.ts'
import type { RunResult, ScenarioResult } from '../report/result.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import type { Bench } from './bench.ts'
import { maxIdleMemorySeconds } from './idle-memory.ts'
import { runScenario } from './scenario-run.ts'

/** Does what the options ask for. @param say Tells the user what goes on. */
export async function run(options: Options, say: (line: string) => void): Promise<RunResult> {
  const cores = await takeCores()
  if (typeof cores === 'string') say(`nothing is pinned to a core: ${cores}`)
  await using workbench = await Workbench.open(typeof cores === 'string' ? undefined : cores)
  const generators = await findGenerators(workbench, options.nativeTools)
  const nginx = options.nativeTools ? tryFindProgram('nginx') : undefined
  if (options.nativeTools) sayMissing(generators, nginx, say)
  const cpuSource = chooseCpuSource()
  if (cpuSource === 'stat') say('schedstat does not work here; times come from stat, in 10 ms')
  const { repetitions, seconds, warmUpSeconds } = options
  const bench: Bench = {
    ...{ workbench, generators, nginx, cpuSource, say },
    ...{ repetitions, seconds, warmUpSeconds, maxConnections: await readMaxConnections() },
  }
  const micro: readonly MicroResult[] = options.micro ? await runMicro(say) : []
  const results = options.load ? await runScenarios(bench, options) : []
  return {
    date: new Date().toISOString(),
    revision: await readRevision(),
    partial: isPartial(options),
    gateway: options.built ? 'built' : 'sources',
    machine: describeMachine(),
    method: {
      ...{ repetitions, seconds, warmUpSeconds, cpuSource },
      pinning: describePinning(cores),
      tools: await describeTools(generators, nginx),
    },
    scenarios: results,
    micro,
  }
}

/** Peers that are missing are named in every scenario; these stand behind all of them. */
function sayMissing(
  { wrk, h2load }: Generators,
  nginx: string | undefined,
  say: (line: string) => void,
): void {
  if (wrk === undefined) say('wrk is not installed; our own client takes its place')
  if (h2load === undefined) say('h2load is not installed; our own HTTP/2 client takes its place')
  if (nginx === undefined) say('nginx is not installed; our own server is the upstream')
}

function isPartial({ candidates, repetitions, nativeTools }: Options): boolean {
  return candidates !== undefined || repetitions < 3 || !nativeTools
}

async function runScenarios(bench: Bench, options: Options): Promise<readonly ScenarioResult[]> {
  const cli = options.built ? await installBuiltCli(bench.workbench.folder) : undefined
  const peers = allPeers(cli)
  const chosen = scenarios
    .filter(({ name }) => options.scenarios.includes(name))
    .map((scenario) => ({ scenario, entrants: peersOf(scenario, peers, options) }))
  const seconds = chosen.reduce(
    (sum, { scenario, entrants }) => sum + entrants.length * secondsPerEntrant(scenario, options),
    0,
  )
  bench.say(`up to ${Math.ceil(seconds / 60)} minutes to go`)
  const results: ScenarioResult[] = []
  for (const { scenario, entrants } of chosen) {
    results.push(await runScenario(bench, scenario, entrants))
  }
  return results
}

/** With some time for starting and for looking at what it answers. */
function secondsPerEntrant({ metric }: Scenario, options: Options): number {
  const { repetitions, seconds, warmUpSeconds } = options
  if (metric === 'memory') return maxIdleMemorySeconds
  return warmUpSeconds + repetitions * (seconds + 0.3) + 2
}

/** Who takes part in a scenario, or is named as missing in it. */
function peersOf(
  scenario: Scenario,
  peers: readonly Peer[],
  { candidates, nativeTools }: Options,
): readonly Peer[] {
  return peers.filter((peer) => {
    if (candidates !== undefined && !candidates.includes(peer.name)) return false
    if (peer.name.startsWith('gatewright')) return scenario.gateways.includes(peer.name)
    if (!nativeTools && isNative(peer)) return false
    return scenario.peers.includes(peer.name)
  })
}

function describePinning(cores: Cores | string): string {
  if (typeof cores === 'string') return `nothing was pinned: ${cores}`
  const { proxy, pair, rest } = cores
  const pairs = pair === undefined ? '' : `, two workers on ${pair}`
  return `proxy on core ${proxy}${pairs}, everything else on core ${rest}`
}

async function describeTools(
  { wrk, h2load, own }: Generators,
  nginx: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  return {
    [own.name]: own.version,
    ...(wrk !== undefined && { [wrk.name]: wrk.version }),
    ...(h2load !== undefined && { [h2load.name]: h2load.version }),
    ...(nginx !== undefined && { 'nginx as the upstream': await readProgramVersion(nginx, '-v') }),
  }
}
