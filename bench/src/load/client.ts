/**
 * Puts a load on a proxy for some seconds and prints a report as JSON. Started by the harness with
 * the job as its only argument.
 *
 * @module
 */

import { percentile } from '../measure/statistics.ts'
import { createPayload } from '../payload.ts'
import { ClientConnection, type Continuation } from './client-connection.ts'
import { type LoadJob, type LoadReport, requestHead, stallMs } from './load.ts'

/** How often it is looked whether bytes move; connections end when their last response is complete. */
const lookMs = 1000

// Written by `own-client.ts` of the same version.
const job = JSON.parse(process.argv[2] ?? '') as LoadJob
const latencies: number[] = []
const problems = new Map<string, number>()
const exchange = {
  port: job.port,
  head: Buffer.from(requestHead(job)),
  upload: createPayload(job.uploadBytes),
  expected: createPayload(job.downloadBytes),
  slab: Buffer.allocUnsafe(256 * 1024),
  newConnections: job.newConnections,
  encrypted: job.encrypted,
}
const begun = performance.now()
const end = begun + job.seconds * 1000
const connections = Array.from(
  { length: job.connections },
  () =>
    new ClientConnection(exchange, {
      onResponse: (micros) => {
        latencies.push(micros)
        return goOn()
      },
      onProblem: (problem) => {
        problems.set(problem, (problems.get(problem) ?? 0) + 1)
        return goOn()
      },
    }),
)
const watch = setInterval(() => {
  const now = performance.now()
  const stalled = connections.filter((connection) => connection.stalledMs(now) > stallMs)
  if (stalled.length > 0) problems.set(`no byte within ${stallMs} ms`, stalled.length)
  for (const connection of stalled) connection.destroy()
}, lookMs)
await Promise.all(connections.map((connection) => connection.run()))
clearInterval(watch)

const seconds = (performance.now() - begun) / 1000
const sorted = Float64Array.from(latencies).toSorted()
const report: LoadReport = {
  requests: latencies.length,
  seconds,
  p50Micros: percentile(sorted, 0.5),
  p99Micros: percentile(sorted, 0.99),
  problems: [...problems].map(([problem, count]) => `${count} times: ${problem}`),
}
console.log(JSON.stringify(report))

function goOn(): Continuation {
  return performance.now() < end ? 'repeat' : 'stop'
}
