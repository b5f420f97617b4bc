/**
 * Sends WebSocket messages for some seconds, each when the echo of the last one is there, and prints
 * a report as JSON. Started by the harness with the job as its only argument.
 *
 * @module
 */
import { connect } from 'node:net'
import { percentile } from '../measure/statistics.ts'
import { createPayload } from '../payload.ts'
import { loopback } from '../process/port.ts'
import { clientFrame, EchoCheck, serverFrame, upgradeLines } from './echo-check.ts'
import { type LoadJob, type LoadReport, stallMs } from './load.ts'

// Written by `own-client.ts` of the same version.
const job = JSON.parse(process.argv[2] ?? '') as LoadJob
const head = ['GET /echo HTTP/1.1', `Host: ${job.host}`, ...upgradeLines, ...job.headers, '', '']
const payload = createPayload(job.uploadBytes)
const message = clientFrame(payload)
const echo = serverFrame(payload)
const latencies: number[] = []
const problems: string[] = []
const begun = performance.now()
const end = begun + job.seconds * 1000
await Promise.all(Array.from({ length: job.connections }, converse))

const sorted = Float64Array.from(latencies).toSorted()
const report: LoadReport = {
  requests: latencies.length,
  seconds: (performance.now() - begun) / 1000,
  p50Micros: percentile(sorted, 0.5),
  p99Micros: percentile(sorted, 0.99),
  problems,
}
console.log(JSON.stringify(report))

/** One connection, until the time is over or something is wrong. */
function converse(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const check = new EchoCheck(echo)
  const socket = connect({ host: loopback, port: job.port, noDelay: true, timeout: stallMs })
  let sentAt: number | undefined
  let ended = false
  const leave = (problem?: string): void => {
    if (ended) return
    ended = true
    if (problem !== undefined) problems.push(problem)
    socket.destroy()
    resolve()
  }
  socket.on('data', (bytes: Buffer) => {
    try {
      if (!check.push(bytes)) return
    } catch (error) {
      return leave(error instanceof Error ? error.message : String(error))
    }
    const now = performance.now()
    if (sentAt !== undefined) latencies.push((now - sentAt) * 1000)
    if (sentAt !== undefined && now >= end) return leave()
    sentAt = now
    socket.write(message)
  })
  socket.on('timeout', () => leave(`no byte within ${stallMs} ms`))
  socket.on('error', (error) => leave(error.message))
  socket.on('close', () => leave('closed before its echo'))
  socket.write(head.join('\r\n'))
  return promise
}
