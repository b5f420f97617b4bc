/**
 * Opens connections one after the other, sends one request on each, prints `ready` when all of them
 * have had their answer, and holds them until it is ended. Started by the harness with the job as
 * its only argument.
 *
 * @module
 */
import { createPayload } from '../payload.ts'
import { ClientConnection } from './client-connection.ts'
import { type LoadJob, requestHead } from './load.ts'

// Written by the harness of the same version.
const job = JSON.parse(process.argv[2] ?? '') as LoadJob
const exchange = {
  port: job.port,
  head: Buffer.from(requestHead(job)),
  upload: createPayload(job.uploadBytes),
  expected: createPayload(job.downloadBytes),
  slab: Buffer.allocUnsafe(64 * 1024),
  newConnections: false,
  encrypted: job.encrypted,
}
const held: ClientConnection[] = []
for (let i = 0; i < job.connections; i++) await open()
console.log('ready')

function open(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const connection = new ClientConnection(exchange, {
    onResponse: () => {
      resolve()
      return 'hold'
    },
    onProblem: (problem) => {
      reject(new Error(problem))
      return 'stop'
    },
  })
  held.push(connection)
  void connection.run()
  return promise
}
