import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { startGateway, type TestGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { connect, type Guest } from './client.ts'
import type { Entry } from './guestbook.ts'
import { type Followers, type Running, startServer } from './server.ts'

const file = readFileSync(new URL('gateway.hcl', import.meta.url), 'utf8')

/** For machines that have a lot to do. */
const patience = { timeout: 10_000 }

describe('the example of gRPC', () => {
  it('takes entries and tells them to those who follow, over a reload too', async () => {
    await using a = await startServer('A', 0)
    await using gateway = await start(a, a)
    using guest = guestOf(gateway)
    const entries = guest.follow()
    const told: unknown[] = []
    entries.on('data', (entry) => told.push(entry))
    entries.on('error', () => undefined)
    await once(entries, 'metadata')

    const taken = await guest.sign('Ann was here')
    await gateway.reload(file)
    await guest.sign('so was Ben')
    await vi.waitFor(() => expect(told).toHaveLength(2), patience)
    entries.cancel()

    expect(taken).toEqual({ text: 'Ann was here', server: 'A' })
    expect(told).toMatchObject([{ text: 'Ann was here' }, { text: 'so was Ben' }])
  })

  it('goes to the other server when one is tired, and then not to that one at all', async () => {
    await using a = await startServer('A', 0)
    await using b = await startServer('B', 0)
    await using gateway = await start(a, b)
    using guest = guestOf(gateway)

    a.serving = false
    const entries = await Promise.all(['one', 'two', 'three'].map((text) => guest.sign(text)))

    expect(entries.map(({ server }) => server)).toEqual(['B', 'B', 'B'])
    await vi.waitFor(() => expect(available(gateway)).toBe(1), patience)
  })

  it('tells what is wrong with a call', async () => {
    await using a = await startServer('A', 0)
    await using gateway = await start(a, a)
    using guest = guestOf(gateway)

    await expect(guest.sign('')).rejects.toThrow('3 INVALID_ARGUMENT: empty')
  })

  it('is there for browsers as well', async () => {
    await using a = await startServer('A', 0)
    await using gateway = await start(a, a)

    const response = await fetch(`${gateway.url()}/demo.Guestbook/Sign`, {
      method: 'POST',
      headers: { 'content-type': 'application/grpc-web-text', origin: 'http://localhost:3000' },
      body: 'AAAAAA57InRleHQiOiJCZW4ifQ==',
    })
    const text = await response.text()

    const groups = text.match(/.{4}/g) ?? []
    const body = groups.map((group) => Buffer.from(group, 'base64').toString()).join('')
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
    expect(body).toContain('{"text":"Ben","server":"A"}')
    expect(body).toContain('grpc-status:0')
  })
})

describe('the servers of the example of gRPC', () => {
  it('tells those who follow at one server what both of them take', async () => {
    const followers: Followers = new Set()
    await using a = await startServer('A', 0, followers)
    await using b = await startServer('B', 0, followers)
    await using gateway = await start(a, b)
    using guest = guestOf(gateway)
    const entries = guest.follow()
    const told: Entry[] = []
    entries.on('data', (entry: Entry) => told.push(entry))
    entries.on('error', () => undefined)
    await once(entries, 'metadata')

    await guest.sign('one')
    await guest.sign('two')
    await vi.waitFor(() => expect(told).toHaveLength(2), patience)
    entries.cancel()

    expect(new Set(told.map(({ server }) => server))).toEqual(new Set(['A', 'B']))
  })
})

function start(a: Running, b: Running): Promise<TestGateway> {
  const env = { WEB_ADDRESS: '127.0.0.1:0', PROBE_INTERVAL: '20ms' }
  // Servers of one service are different ones.
  const others = { GUESTBOOK_A: a.url, GUESTBOOK_B: b === a ? `${a.url}/` : b.url }
  return startGateway(file, { env: { ...env, ...others } })
}

function guestOf(gateway: TestGateway): Guest {
  return connect(`127.0.0.1:${gateway.port()}`)
}

function available({ gateway }: TestGateway): number {
  return gateway.snapshot.services.get('guestbook')?.pool.available.length ?? 0
}
