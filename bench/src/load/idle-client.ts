/**
 * Opens connections, sends one request on each, prints `ready` when all of them have had their
 * answer, and holds them until it is ended. Fails as soon as one of them is lost. Started by the
 * harness with the job as its only argument.
 *
 * @module
 */
import { createPayload } from '../payload.ts'
import { ClientConnection } from './client-connection.ts'
import { type LoadJob, requestHead } from './load.ts'

/** How many connections are being opened at the same time. */
const openers = 8

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
// A few at a time, so that the proxy does not need many connections to the upstream.
await Promise.all(Array.from({ length: Math.min(openers, job.connections) }, openSome))
console.log('ready')

async function openSome(_: unknown, opener: number): Promise<void> {
  for (let i = opener; i < job.connections; i += openers) await open()
}

function open(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const connection = new ClientConnection(exchange, {
    onResponse: () => {
      resolve()
      return 'hold'
    },
    // Also if it was open before: what is measured is the memory of all of them.
    onProblem: (problem) => {
      console.error(`a connection of ${held.length}: ${problem}`)
      return process.exit(1)
    },
  })
  held.push(connection)
  void connection.run()
  return promise
}
