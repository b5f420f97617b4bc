import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Load, LoadJob } from '../load/load.ts'
import { RunningProxy } from '../measure/running-proxy.ts'
import { settle } from '../measure/steady.ts'
import type { Child } from '../process/child.ts'
import type { Sample } from '../report/result.ts'
import type { Bench } from './bench.ts'
import { type Entrant, messageOf } from './entrant.ts'

const program = fileURLToPath(new URL('../load/idle-client.ts', import.meta.url))
const connectMs = 60_000
/** They take about ten seconds each. */
const maxRounds = 3
/** What a candidate takes as a rule at most. */
export const maxIdleMemorySeconds: number = 12 * maxRounds
/** Clients that come and go before anything counts. */
const warmUpSeconds = 2
const warmUpConnections = 16

/**
 * Measures how much a candidate grows by connections that have had one answer and then do nothing.
 * Each round has a fresh process, since memory that was freed would hide the growth. For the same
 * reason the clients before, who make it compile its code and grow its heap to the size that it
 * works with, are never more than a few at once.
 */
export async function measureIdleMemory(
  bench: Bench,
  load: Load,
  entrants: readonly Entrant[],
): Promise<void> {
  for (let round = 0; round < Math.min(bench.repetitions, maxRounds); round++) {
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
  const { workbench, generators } = bench
  const proxy = await RunningProxy.start(workbench, peer, task)
  try {
    const warmUp = { ...load, connections: warmUpConnections, newConnections: true }
    await proxy.exercise(generators.own, warmUp, warmUpSeconds)
    const before = await settle(() => proxy.residentBytes)
    const job: LoadJob = { ...load, port: proxy.port, seconds: 0 }
    const args = [program, JSON.stringify(job)]
    const client = await workbench.start({ file: process.execPath, args })
    try {
      await waitUntilReady(client)
      const after = await settle(() => proxy.residentBytes)
      if (!client.running) throw new Error(client.complaint)
      proxy.assertRunning()
      return sampleOf(before, after, load.connections)
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
