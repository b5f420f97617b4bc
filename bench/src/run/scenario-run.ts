import { chooseChecker, chooseGenerator } from '../load/generators.ts'
import type { Load } from '../load/load.ts'
import { RunningProxy } from '../measure/running-proxy.ts'
import type { Peer } from '../peers/peer.ts'
import type { ScenarioResult } from '../report/result.ts'
import { summaryLines } from '../report/text.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { startUpstream } from '../upstream/upstream.ts'
import type { Bench } from './bench.ts'
import { type Entrant, enter, messageOf } from './entrant.ts'
import { measureIdleMemory } from './idle-memory.ts'

/** Runs one scenario with all of the given candidates that can take part. */
export async function runScenario(
  bench: Bench,
  scenario: Scenario,
  peers: readonly Peer[],
): Promise<ScenarioResult> {
  bench.say(`${scenario.name}: ${scenario.title}`)
  const connections = Math.min(scenario.load.connections, bench.maxConnections)
  const load = { ...scenario.load, connections }
  return run(bench, { ...scenario, load }, peers)
}

async function run(
  bench: Bench,
  scenario: Scenario,
  peers: readonly Peer[],
): Promise<ScenarioResult> {
  const { workbench, nginx, generators } = bench
  const { load } = scenario
  const upstream = await startUpstream(workbench, load, nginx)
  try {
    const entrants: Entrant[] = []
    for (const peer of peers) {
      entrants.push(await enter(bench, scenario, peer, upstream.port))
    }
    await measure(bench, scenario, entrants)
    const { name } = chooseGenerator(generators, load)
    return describe(bench, scenario, entrants, upstream.name, name)
  } finally {
    await upstream.child.stop()
  }
}

async function measure(
  bench: Bench,
  scenario: Scenario,
  entrants: readonly Entrant[],
): Promise<void> {
  const { load } = scenario
  if (scenario.metric === 'memory') return measureIdleMemory(bench, load, entrants)
  const { generators, repetitions, seconds, cpuSource } = bench
  const generator = chooseGenerator(generators, load)
  const running = new Map<Entrant, RunningProxy>()
  try {
    for (const entrant of entrants) await begin(bench, load, entrant, running)
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const left = [...running].filter(([{ takesPart }]) => takesPart)
      for (const [entrant, proxy] of rotate(left, repetition)) {
        await attempt(entrant, async () => {
          const { metric } = scenario
          entrant.samples.push(await proxy.measure(generator, load, seconds, cpuSource, metric))
        })
      }
    }
  } finally {
    await Promise.all([...running.values()].map((proxy) => proxy.stop()))
  }
}

/** Starts a candidate, compares what it answers, and warms it up. */
async function begin(
  bench: Bench,
  load: Load,
  entrant: Entrant,
  running: Map<Entrant, RunningProxy>,
): Promise<void> {
  const { task, peer } = entrant
  if (!entrant.takesPart || task === undefined) return
  await attempt(entrant, async () => {
    const proxy = await RunningProxy.start(bench.workbench, peer, task)
    running.set(entrant, proxy)
    await proxy.exercise(chooseChecker(bench.generators, load), { ...load, connections: 1 }, 0)
    if (bench.warmUpSeconds === 0) return
    const generator = chooseGenerator(bench.generators, load)
    await proxy.exercise(generator, load, bench.warmUpSeconds)
  })
}

/** A candidate that fails is out; the others go on. */
async function attempt(entrant: Entrant, step: () => Promise<void>): Promise<void> {
  try {
    await step()
  } catch (error) {
    entrant.drop('failed', messageOf(error))
  }
}

/** So that nobody always runs behind the same neighbour. */
function rotate<T>(items: readonly T[], by: number): readonly T[] {
  const start = items.length === 0 ? 0 : by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

function describe(
  { say, workbench }: Bench,
  { name, title, metric, cores }: Scenario,
  entrants: readonly Entrant[],
  upstream: string,
  loadGenerator: string,
): ScenarioResult {
  const candidates = entrants.map(({ result }) => result)
  const had = cores === 2 && workbench.hasPair ? 2 : 1
  const result = { name, title, metric, upstream, loadGenerator, cores: had, candidates } as const
  for (const line of summaryLines(result)) say(`  ${line}`)
  return result
}
