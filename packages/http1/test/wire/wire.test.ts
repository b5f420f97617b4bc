import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { carriers, wirePair } from './wire-pair.ts'

const text = (bytes: string): [Buffer, number, number] => [Buffer.from(bytes), 0, bytes.length]

describe.each(carriers)('a wire over %s', (carrier) => {
  it('tells what arrives, and the end', async () => {
    using pair = await wirePair(carrier)

    pair.peer.end('hello')

    await vi.waitFor(() => expect(pair.events).toEqual(['hello', 'end']))
  })

  it('sends what is written in order, and lets go of the buffer at once', async () => {
    using pair = await wirePair(carrier)
    const received = pair.received()
    const buf = Buffer.from('one')

    pair.wire.write(buf, 0, 3)
    buf.fill('!')
    pair.wire.write(...text('two'))
    pair.wire.end()

    expect((await received).toString()).toBe('onetwo')
  })

  it('gathers what is written while it is corked', async () => {
    using pair = await wirePair(carrier)

    pair.wire.cork()
    pair.wire.write(...text('head '))
    pair.wire.cork()
    pair.wire.write(...text('body '))
    pair.wire.uncork()
    const slab = pair.wire.compose()
    pair.wire.commit(slab.used + slab.buf.write('end', slab.used))
    pair.wire.uncork()

    const [piece] = await once(pair.peer, 'data')
    expect(String(piece)).toBe('head body end')
  })

  it('keeps its bytes apart from those of another wire', async () => {
    using one = await wirePair(carrier)
    using two = await wirePair(carrier)
    const both = Promise.all([one.received(), two.received()])

    one.wire.cork()
    one.wire.write(...text('a1 '))
    two.wire.cork()
    two.wire.write(...text('b1 '))
    one.wire.write(...text('a2'))
    two.wire.write(...text('b2'))
    one.wire.uncork()
    two.wire.uncork()
    one.wire.end()
    two.wire.end()

    expect((await both).map(String)).toEqual(['a1 a2', 'b1 b2'])
  })

  it('forgets its bytes when it is destroyed, and no other wire sends them', async () => {
    using one = await wirePair(carrier)
    using two = await wirePair(carrier)
    const received = two.received()

    one.wire.cork()
    one.wire.write(...text('secret'))
    one.wire.destroy()
    one.wire.write(...text('secret'))
    one.wire.uncork()
    two.wire.write(...text('public'))
    two.wire.end()

    expect((await received).toString()).toBe('public')
  })

  it('says when the peer does not keep up, and when it does again', async () => {
    using pair = await wirePair(carrier)
    pair.peer.pause()
    const piece = Buffer.alloc(256 * 1024, 'x')

    let written = 0
    do written += piece.length
    while (pair.wire.write(piece, 0, piece.length))
    expect(pair.wire.blocked).toBe(true)
    expect(pair.events).toEqual(['blocked'])
    const received = pair.received()
    await vi.waitFor(() => expect(pair.events).toEqual(['blocked', 'writable']))
    pair.wire.write(...text('more'))
    pair.wire.end()

    expect(await received).toHaveLength(written + 4)
  })

  it('sends everything before it ends, however slow the peer is', async () => {
    using pair = await wirePair(carrier)
    pair.peer.pause()
    const bytes = Buffer.alloc(16 * 1024 * 1024, 'x')

    pair.wire.write(bytes, 0, bytes.length)
    pair.wire.end()

    expect(await pair.received()).toHaveLength(bytes.length)
  })

  it('reads nothing while it is paused', async () => {
    using pair = await wirePair(carrier)

    pair.wire.pause()
    pair.peer.end('later')
    await new Promise((resolve) => setImmediate(resolve))
    expect(pair.events).toEqual([])
    pair.wire.resume()

    await vi.waitFor(() => expect(pair.events).toEqual(['later', 'end']))
  })

  it.each(['destroy', 'reset'] as const)('tells once that it is closed: %s', async (how) => {
    using pair = await wirePair(carrier)
    const ended = new Promise((resolve) => {
      pair.peer.on('error', () => resolve('reset'))
      pair.peer.on('end', () => resolve('destroy'))
      pair.peer.resume()
    })

    pair.wire[how]()
    pair.wire.destroy()
    pair.wire.reset()

    expect(await ended).toBe(how)
    expect(pair.events).toEqual(['close'])
  })

  it('reads on after a pause within a read, while what it read is still to be written', async () => {
    using source = await wirePair(carrier)
    using target = await wirePair(carrier)
    let arrived = 0
    target.peer.pause()
    source.wire.handler = {
      ...source.wire.handler,
      onBytes: (buf, start, end) => {
        arrived += end - start
        if (target.wire.write(buf, start, end)) return
        // As at the end of a body that its sink did not take in time.
        source.wire.pause()
        source.wire.resume()
      },
    }

    let sent = 0
    for (let size = 64 * 1024; size < 400 * 1024; size += 8 * 1024) {
      source.peer.write(Buffer.alloc(size))
      sent += size
      await vi.waitFor(() => expect(arrived).toBe(sent), { interval: 1 })
    }

    expect(target.wire.blocked).toBe(true)
  })

  it('tells of a reset by the peer', async () => {
    using pair = await wirePair(carrier)

    pair.resetPeer()

    await vi.waitFor(() => expect(pair.events).toEqual(['close']))
  })

  it('is closed by a reset even while its end is on the way out', async () => {
    using pair = await wirePair(carrier)
    const { wire, peer } = pair
    const broken = once(peer.resume(), 'error')

    wire.end()
    wire.reset()
    await once(peer, 'end')
    const knock = (): void => void peer.write('x', (error) => error ?? setImmediate(knock))
    knock()

    expect(await broken).toMatchObject([{ code: expect.stringMatching(/^(?:ECONNRESET|EPIPE)$/) }])
  })

  it.each([1, 2, 3])('relays bulk to a peer that stops now and then: %i', async (seed) => {
    using from = await wirePair(carrier)
    using to = await wirePair(carrier)
    const sent = pattern(24 * 1024 * 1024)
    const random = randomFrom(seed)
    from.wire.handler = {
      ...from.wire.handler,
      onBytes: (buf, start, end) => {
        if (to.wire.write(buf, start, end)) return
        from.wire.pause()
        // As when a message ends with these bytes: the next one is awaited at once.
        if (random() < 0.3) from.wire.resume()
      },
      onEnd: () => to.wire.end(),
    }
    to.wire.handler = { ...to.wire.handler, onWritable: () => from.wire.resume() }

    from.peer.end(sent)
    const digest = createHash('sha256')
    for await (const piece of to.peer) {
      digest.update(piece as Buffer)
      if (random() < 0.2) await new Promise((resolve) => setImmediate(resolve))
    }

    expect(digest.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'))
  })
})

/** Bytes that are all different from their neighbours, so that none can be missing or moved. */
function pattern(size: number): Buffer {
  const words = new Uint32Array(size / 4)
  for (let at = 0; at < words.length; at++) words[at] = at
  return Buffer.from(words.buffer)
}

/** Numbers below 1 that depend on the seed only. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
}

describe('a wire over TLS', () => {
  it('is closed by a record that is broken', async () => {
    using pair = await wirePair('TLS')
    pair.peer.on('error', () => undefined)
    pair.peer.write('hello')
    await vi.waitFor(() => expect(pair.events).toEqual(['hello']))

    pair.breakRecord()

    await vi.waitFor(() => expect(pair.events.at(-1)).toBe('close'))
  })
})
