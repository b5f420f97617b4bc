import { poolFile, startGateway, type TestGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { speak, startTalker } from './talk.ts'

describe('a reload', () => {
  it('leaves a conversation alone that it does not concern, a hundred times', async () => {
    await using talker = await startTalker()
    await using gateway = await startGateway(fileFor(talker.url))
    using speaker = await speak(gateway)

    for (let i = 0; i < 100; i++) {
      await gateway.reload(fileFor(talker.url, `middlewares "m${i}" {\n type = "cors"\n }`))
      speaker.socket.send(`${i}`)
      expect(await speaker.hearText()).toBe(`${i}`)
    }

    await vi.waitFor(() => expect(gateway.gateway.liveSnapshots).toBe(1))
  })

  it.each([
    ['its route', (file: string) => file.replace('PathPrefix(`/`)', 'Path(`/gone`)')],
    [
      'its service',
      (file: string) => file.replace('websocket {', 'websocket {\n idle_timeout = "1h"'),
    ],
  ])('that takes %s away ends it in order', async (_what, change) => {
    await using talker = await startTalker()
    await using gateway = await startGateway(fileFor(talker.url))
    using speaker = await speak(gateway)

    await gateway.reload(change(fileFor(talker.url)))
    speaker.socket.send('a last word')

    expect(await speaker.hearText()).toBe('a last word')
    expect((await speaker.ended).code).toBe(1006)
    await vi.waitFor(() => expect(talker.open.size).toBe(0))
  })
})

describe('a gateway that stops', () => {
  it('waits for conversations, and ends those that do not end by themselves', async () => {
    await using talker = await startTalker()
    await using gateway = await startGateway(fileFor(talker.url))
    using polite = await speak(gateway)
    using deaf = await speak(gateway)

    const stopped = gateway.close()
    polite.socket.send('a last word')
    expect(await polite.hearText()).toBe('a last word')
    polite.socket.close(1000, 'bye')

    expect(await polite.ended).toEqual({ code: 1000, reason: 'bye' })
    expect((await deaf.ended).code).toBe(1006)
    await stopped
  })
})

describe('conversations that break off at random', () => {
  it('leave nothing behind', async () => {
    await using talker = await startTalker()
    await using gateway = await startGateway(fileFor(talker.url))
    const random = randomFrom(7)

    for (let round = 0; round < 4; round++) {
      await Promise.all(Array.from({ length: 25 }, () => converse(gateway, random)))
      // The server breaks off as well.
      for (const socket of talker.open) if (random() < 0.5) socket.terminate()
    }

    for (const socket of talker.open) socket.terminate()
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
    const endpoint = gateway.gateway.snapshot.services.get('pool')?.pool.all[0]
    expect(endpoint?.active).toBe(0)
    expect(talker.asked.length).toBeGreaterThan(50)
  })
})

/** Says something, and leaves in one of several ways, or stays. */
async function converse(gateway: TestGateway, random: () => number): Promise<void> {
  const way = Math.floor(random() * 5)
  if (way === 0) {
    // In the midst of the handshake.
    using client = await gateway.connect()
    await client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n')
    return
  }
  const speaker = await speak(gateway)
  speaker.socket.send(Buffer.alloc(Math.floor(random() * 200_000)))
  if (way === 1) return speaker.socket.terminate()
  await speaker.hear()
  if (way === 2) speaker.socket.close()
  if (way === 3) speaker.socket.terminate()
}

function fileFor(url: string, blocks: string = ''): string {
  const service = 'websocket {\n }'
  return poolFile([url], { service, blocks: `shutdown_timeout_secs = 1\n${blocks}` })
}

/** Draws the same numbers on every run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
}
