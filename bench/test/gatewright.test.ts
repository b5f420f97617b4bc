import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGatewright } from '../src/peers/gatewright/gatewright.ts'
import { setUps } from '../src/peers/gatewright/set-ups.ts'
import type { ProxyTask } from '../src/peers/peer.ts'
import { Child } from '../src/process/child.ts'
import { findFreePorts, waitUntilListening } from '../src/process/port.ts'

const clients = 8

// It looks for processes in /proc.
describe.runIf(process.platform === 'linux')('Gatewright as', { timeout: 60_000 }, () => {
  let folder: string
  let upstream: Server
  let upstreamPort: number
  /** What the upstream has been asked and has not answered. */
  let waiting: (() => void)[]
  let connections: number
  let child: Child | undefined

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bench-test-'))
    waiting = []
    connections = 0
    upstream = createServer((_request, response) => waiting.push(() => response.end('here')))
    upstream.on('connection', () => connections++)
    upstream.listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const address = upstream.address()
    // A TCP server that listens has an address object.
    upstreamPort = typeof address === 'object' && address !== null ? address.port : 0
  })

  afterEach(async () => {
    await child?.stop()
    upstream.closeAllConnections()
    await once(upstream.close(), 'close')
    await rm(folder, { recursive: true, force: true })
  })

  it('gatewright has one process', async () => {
    const { running } = await start('gatewright')

    expect(running.pids()).toHaveLength(1)
  })

  it('gatewright-workers has two workers in its tree', async () => {
    const { running } = await start('gatewright-workers')

    await expect.poll(() => running.pids().length, { timeout: 20_000 }).toBe(3)
  })

  it('gatewright-portable understands that it is to be portable', async () => {
    await start('gatewright-portable')

    expect(await readFile(join(folder, 'gateway.hcl'), 'utf8')).toContain('io = "portable"')
  })

  it('gatewright-pipeline shares connections to the upstream', async () => {
    const { port } = await start('gatewright-pipeline')
    await answerAll([get(port)])
    // It has to see the server answer before it sends anything ahead.
    connections = 0

    await answerAll(Array.from({ length: clients }, () => get(port)))

    expect(connections).toBeLessThan(clients)
  })

  it('gatewright-five does what all of its middlewares do', async () => {
    const { port } = await start('gatewright-five')
    let seen: IncomingMessage | undefined
    upstream.prependListener('request', (received: IncomingMessage) => {
      seen = received
    })

    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const headers = { origin: 'https://example.com' }
    request({ host: '127.0.0.1', port, path: '/api/users', headers, agent: new Agent() }, resolve)
      .on('error', reject)
      .end()
    await answerAll([promise.then(text)])

    expect(seen?.url).toBe('/users')
    expect((await promise).headers).toMatchObject({
      'access-control-allow-origin': 'https://example.com',
      'x-frame-options': 'DENY',
      'ratelimit-limit': expect.any(String),
    })
  })

  it('gatewright has a connection for each request under way', async () => {
    const { port } = await start('gatewright')

    const answers = Array.from({ length: clients }, () => get(port))
    await expect.poll(() => waiting.length).toBe(clients)
    await answerAll(answers)

    expect(connections).toBe(clients)
  })

  async function start(name: string): Promise<{ running: Child; port: number }> {
    const setUp = setUps.find((candidate) => candidate.name === name)
    if (setUp === undefined) throw new Error(`there is no ${name}`)
    const [port = 0] = await findFreePorts(1)
    const task: ProxyTask = {
      ...{ port, upstreamPort, folder, routers: 1, bulk: false, cores: 1 },
      ...{ connections: clients, needs: [] },
    }
    const gateway = createGatewright(setUp)
    const command = await gateway.prepare(task)
    expect(await gateway.refuses?.(task)).toBeUndefined()
    const running = await Child.start(command)
    child = running
    await waitUntilListening(running, port)
    return { running, port }
  }

  /** The upstream goes on answering until all clients have their answers. */
  async function answerAll(answers: readonly Promise<string>[]): Promise<void> {
    const all = Promise.all(answers)
    const answering = setInterval(() => waiting.splice(0).forEach((answer) => answer()), 5)
    try {
      expect(new Set(await all)).toEqual(new Set(['here']))
    } finally {
      clearInterval(answering)
    }
  }
})

async function get(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request({ host: '127.0.0.1', port, agent: new Agent() }, resolve).on('error', reject).end()
  return await text(await promise)
}
