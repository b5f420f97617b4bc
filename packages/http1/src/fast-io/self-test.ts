import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { portOf } from '../accepted.ts'
import { type FastWire, fastWire } from './fast-wire.ts'
import { acceptRaw } from './raw-connection.ts'
import { accessProblem } from './stream-handle.ts'
import { runTrial, tryWire } from './wire-trial.ts'

/**
 * Tries on a pair of sockets of its own everything that fast wires depend on.
 * @returns What does not work; `undefined` if all of it does.
 */
export async function testFastIo(): Promise<string | undefined> {
  if (accessProblem !== undefined) return accessProblem
  return runTrial(async (sockets) => (await test(sockets, true)) ?? (await test(sockets, false)))
}

async function test(sockets: Socket[], raw: boolean): Promise<string | undefined> {
  const [wire, peer] = await connectPair(sockets, raw)
  if (wire === undefined) return 'sockets have no handle of the expected kind'
  await tryWire(wire, peer)
  return undefined
}

/** @param raw Take the connection before it is a socket. */
async function connectPair(
  sockets: Socket[],
  raw: boolean,
): Promise<[wire: FastWire | undefined, peer: Socket]> {
  const server = createServer({ allowHalfOpen: true })
  const { promise: accepted, resolve } = Promise.withResolvers<FastWire | undefined>()
  server.on('connection', (socket) => {
    sockets.push(socket)
    resolve(raw ? undefined : fastWire(socket))
  })
  try {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    acceptRaw(
      server,
      () => raw,
      (connection) => resolve(connection.wire()),
    )
    const peer = connect({ host: '127.0.0.1', port: portOf(server), allowHalfOpen: true })
    sockets.push(peer)
    const [wire] = await Promise.all([accepted, once(peer, 'connect')])
    return [wire, peer]
  } finally {
    server.close()
  }
}
