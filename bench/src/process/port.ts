import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Child } from './child.ts'

/** The address that everything listens on. */
export const loopback = '127.0.0.1'

/** How long a program may take until it listens. */
const startMs = 20_000

/** Ports that the system had free a moment ago, all different. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, loopback))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => {
    const address = server.address()
    // A TCP server that listens has an address object.
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

/** Waits until the program accepts connections; throws what it complained about if it ends. */
export async function waitUntilListening(child: Child, port: number): Promise<void> {
  const deadline = performance.now() + startMs
  while (performance.now() < deadline) {
    if (!child.running) throw new Error(`ended before it listened: ${child.complaint}`)
    if (await accepts(port)) return
    await delay(25)
  }
  throw new Error(`did not listen within ${startMs} ms: ${child.complaint}`)
}

function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: loopback, port })
  return new Promise((resolve) => {
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
