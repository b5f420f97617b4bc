import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { chooseGenerator } from '../load/generators.ts'
import type { Load, LoadJob } from '../load/load.ts'
import { RunningProxy } from '../measure/running-proxy.ts'
import type { Child } from '../process/child.ts'
import type { Sample } from '../report/result.ts'
import type { Bench } from './bench.ts'
import { type Entrant, messageOf } from './entrant.ts'

const program = fileURLToPath(new URL('../load/idle-client.ts', import.meta.url))
const connectMs = 60_000
/** Long enough for what a candidate frees or makes only after the last connection. */
const settleMs = 500

/**
 * Measures how much a candidate grows by connections that have had one answer and then do nothing.
 * Each repetition has a fresh process, since memory that was freed would hide the growth.
 */
export async function measureIdleMemory(
  bench: Bench,
  load: Load,
  entrants: readonly Entrant[],
): Promise<void> {
  for (let repetition = 0; repetition < bench.repetitions; repetition++) {
    for (const entrant of entrants) {
      if (!entrant.takesPart) continue
      try {
        entrant.samples.push(await measureOnce(bench, load, entrant))
      } catch (error) {
        entrant.drop('failed', messageOf(error))
      }
    }
  }
}

async function measureOnce(bench: Bench, load: Load, { peer, task }: Entrant): Promise<Sample> {
  if (task === undefined) throw new Error('it was not prepared')
  const { workbench, generators, warmUpSeconds } = bench
  const proxy = await RunningProxy.start(workbench, peer, task)
  try {
    const warmUp = { ...load, connections: 50 }
    await proxy.exercise(chooseGenerator(generators, warmUp), warmUp, Math.max(1, warmUpSeconds))
    await delay(settleMs)
    const before = proxy.residentBytes
    const job: LoadJob = { ...load, port: proxy.port, seconds: 0 }
    const client = await workbench.start({
      file: process.execPath,
      args: [program, JSON.stringify(job)],
    })
    try {
      await waitUntilReady(client)
      await delay(settleMs)
      return sampleOf(before, proxy.residentBytes, load.connections)
    } finally {
      await client.stop()
    }
  } finally {
    await proxy.stop()
  }
}

async function waitUntilReady(client: Child): Promise<void> {
  const deadline = performance.now() + connectMs
  while (performance.now() < deadline) {
    if (client.output.includes('ready')) return
    if (!client.running) throw new Error(client.complaint)
    await delay(25)
  }
  throw new Error(`not all connections stood within ${connectMs} ms`)
}

/** Only memory is measured here. */
function sampleOf(before: number, after: number, connections: number): Sample {
  const nothing = { cpu: 0, user: 0, system: 0, requestsPerSecond: 0, p50: 0, p99: 0 }
  const value = (after - before) / connections
  return { ...nothing, value, requests: connections, residentBytes: after, utilisation: 0 }
}
