/**
 * Puts HTTP/2 requests on a proxy for some seconds, compares every body, and prints a report as
 * JSON. Started by the harness with the job as its only argument.
 *
 * @module
 */
import { type ClientHttp2Session, connect } from 'node:http2'
import { percentile } from '../measure/statistics.ts'
import { createMessage, createPayload } from '../payload.ts'
import { streamsPerConnection } from './h2load.ts'
import { type LoadJob, type LoadReport, targetOf, urlOf } from './load.ts'

// Written by `own-client.ts` of the same version.
const job = JSON.parse(process.argv[2] ?? '') as LoadJob
const unary = job.protocol === 'grpc'
const expected = unary ? createMessage(job.downloadBytes) : createPayload(job.downloadBytes)
const upload = unary ? createMessage(job.uploadBytes) : undefined
const fields = job.headers.map((line) => line.split(/: (.*)/).slice(0, 2))
const headers = {
  ...{ ':method': job.method, ':path': targetOf(job), ':authority': job.host },
  ...Object.fromEntries(fields),
}
const latencies: number[] = []
const problems: string[] = []
const begun = performance.now()
const end = begun + job.seconds * 1000
await Promise.all(Array.from({ length: job.connections }, runConnection))

const sorted = Float64Array.from(latencies).toSorted()
const report: LoadReport = {
  requests: latencies.length,
  seconds: (performance.now() - begun) / 1000,
  p50Micros: percentile(sorted, 0.5),
  p99Micros: percentile(sorted, 0.99),
  problems,
}
console.log(JSON.stringify(report))

async function runConnection(): Promise<void> {
  // The certificate is one that the harness made.
  const session = connect(new URL(urlOf(job.port, job)).origin, { rejectUnauthorized: false })
  session.on('error', (error: Error) => problems.push(error.message))
  await Promise.all(Array.from({ length: streamsPerConnection }, () => runStream(session)))
  session.close()
}

/** One request after the other. */
async function runStream(session: ClientHttp2Session): Promise<void> {
  do {
    try {
      const start = performance.now()
      await exchange(session)
      latencies.push((performance.now() - start) * 1000)
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
      return
    }
  } while (performance.now() < end)
}

async function exchange(session: ClientHttp2Session): Promise<void> {
  const stream = session.request(headers, { endStream: upload === undefined })
  if (upload !== undefined) stream.end(upload)
  let outcome: unknown
  stream.on('trailers', (trailers) => (outcome = trailers['grpc-status']))
  let status = 0
  stream.on('response', (head) => (status = head[':status'] ?? 0))
  const pieces: Buffer[] = []
  // Without an encoding, streams give buffers.
  for await (const piece of stream) pieces.push(piece as Buffer)
  if (status !== 200) throw new Error(`status ${status}`)
  if (!Buffer.concat(pieces).equals(expected)) throw new Error('a wrong body')
  if (unary && outcome !== '0') throw new Error(`trailers with grpc-status ${String(outcome)}`)
}
