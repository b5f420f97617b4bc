import { connect, type Socket } from 'node:net'
import { startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { hello } from './hellos.ts'
import { configFor, deadServer, startServer } from './servers.ts'

/** A fixed sequence, so that a failure can be seen again. */
function sequence(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >> 8) % below
  }
}

describe('connections', () => {
  it('leave nothing behind, however 2,000 of them end', async () => {
    const random = sequence(20_261_121)
    await using server = await startServer((socket) => {
      const mood = random(8)
      if (mood === 0) socket.resetAndDestroy()
      else if (mood === 1) socket.end('bye')
      else if (mood === 2) socket.destroy()
      else socket.pipe(socket)
    })
    const servers = [server.url, server.url, await deadServer()]
    const router = { rule: 'HostSNI(`*`) || HostSNI(`a.test`)' }
    await using gateway = await startGateway(configFor(servers, { router }))
    const port = gateway.port()

    for (let batch = 0; batch < 40; batch++) {
      await Promise.all(Array.from({ length: 50 }, () => visit(port, random)))
    }

    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0), { timeout: 10_000 })
    const pool = gateway.gateway.snapshot.services.get('app')?.pool
    expect(pool?.all.map(({ active }) => active)).toEqual([0, 0, 0])
  })
})

/** A client that does this and that, and leaves in one way or another. */
function visit(port: number, random: (below: number) => number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: random(2) === 0 })
  socket.on('error', () => undefined).on('close', () => resolve())
  const leave = leaving(socket, random(4))
  const when = random(4)
  if (when === 0) leave()
  socket.on('connect', () => {
    socket.write(random(2) === 0 ? hello({ name: 'a.test' }) : Buffer.alloc(random(200_000) + 1))
    if (when === 1) leave()
    if (when === 2) setImmediate(leave)
  })
  socket.on('data', () => {
    if (when === 3) leave()
  })
  // Some servers close before they have said a word.
  socket.on('end', leave)
  return promise
}

function leaving(socket: Socket, how: number): () => void {
  return () => {
    if (how === 0) socket.resetAndDestroy()
    else if (how === 1) socket.destroy()
    else socket.end(() => socket.resume().destroySoon())
  }
}
