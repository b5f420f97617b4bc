import cluster from 'node:cluster'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { ListenAddress } from '@gatewright/kernel'
import { addressOf, asIs, type SocketAddress } from './address-lookup.ts'

/** What a burst may fill while the process is busy, if the system allows so much. */
const bufferBytes = 4_194_304

/** A socket that is bound to an address. Rejects with the error of the operating system. */
export async function listeningSocket({ host, port }: ListenAddress): Promise<Socket> {
  if (host !== undefined) return bound(await addressOf(host), port)
  try {
    // Takes IPv4 as well.
    return await bound({ address: '::', type: 'udp6' }, port)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error
    return bound({ address: '0.0.0.0', type: 'udp4' }, port)
  }
}

async function bound({ address, type }: SocketAddress, port: number): Promise<Socket> {
  // Workers that share one socket would each get some datagrams of a client; of several sockets at
  // the same address, the system gives each client one.
  const reusePort = cluster.isWorker && port !== 0 && process.platform === 'linux'
  const socket = createSocket({ type, lookup: asIs, reusePort })
  const listening = once(socket, 'listening')
  socket.bind({ address, port, exclusive: reusePort })
  try {
    await listening
  } catch (error) {
    socket.close()
    throw error
  }
  try {
    socket.setRecvBufferSize(bufferBytes)
  } catch {
    // Some systems refuse what Linux cuts down; the default will do.
  }
  return socket
}
