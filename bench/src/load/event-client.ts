/**
 * Listens to server-sent events for some seconds and prints a report as JSON: how long each event
 * was on its way, or, with new connections, how long it took from connecting to the first event.
 * Started by the harness with the job as its only argument.
 *
 * @module
 */
import { setMaxListeners } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { percentile } from '../measure/statistics.ts'
import { loopback } from '../process/port.ts'
import { EventCheck } from './event-check.ts'
import { eventTarget, type LoadJob, type LoadReport } from './load.ts'

const firstEventMs = 5000
// Written by `own-client.ts` of the same version.
const job = JSON.parse(process.argv[2] ?? '') as LoadJob
const latencies: number[] = []
const problems: string[] = []
const begun = performance.now()
/** Without a duration it is about whether events come at all. */
const over = AbortSignal.timeout(job.seconds === 0 ? firstEventMs : job.seconds * 1000)
setMaxListeners(0, over)
const agent = new Agent({ keepAlive: false })
await Promise.all(Array.from({ length: job.connections }, listen))

const sorted = Float64Array.from(latencies).toSorted()
const report: LoadReport = {
  requests: latencies.length,
  seconds: (performance.now() - begun) / 1000,
  p50Micros: percentile(sorted, 0.5),
  p99Micros: percentile(sorted, 0.99),
  problems,
}
console.log(JSON.stringify(report))

function isEnough(): boolean {
  return over.aborted || (job.seconds === 0 && latencies.length > 0)
}

async function listen(): Promise<void> {
  while (!isEnough()) {
    try {
      if (job.newConnections) await awaitFirst()
      else await follow()
    } catch (error) {
      if (isEnough()) return
      problems.push(error instanceof Error ? error.message : String(error))
      return
    }
  }
}

/** Every event on one connection. */
async function follow(): Promise<void> {
  const check = new EventCheck()
  for await (const text of await open()) {
    const now = process.hrtime.bigint()
    for (const sentAt of check.push(String(text))) latencies.push(Number(now - sentAt) / 1000)
    if (isEnough()) return
  }
  throw new Error('the events ended')
}

/** The first event on a new connection. */
async function awaitFirst(): Promise<void> {
  const start = process.hrtime.bigint()
  const check = new EventCheck()
  for await (const text of await open()) {
    if (check.push(String(text)).length === 0) continue
    latencies.push(Number(process.hrtime.bigint() - start) / 1000)
    return
  }
  throw new Error('the events ended')
}

function open(): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = { host: job.host, accept: 'text/event-stream' }
  request({ host: loopback, port: job.port, path: eventTarget, headers, agent, signal: over })
    .on('response', (response) => {
      if (response.statusCode === 200) resolve(response.setEncoding('latin1'))
      else reject(new Error(`status ${response.statusCode}`))
    })
    .on('error', reject)
    .end()
  return promise
}
