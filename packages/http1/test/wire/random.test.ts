import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Wire, WireHandler } from '../../src/index.ts'
import { carriers, type WirePair, wirePair } from './wire-pair.ts'

const sizes = [1, 5, 700, 1024, 16_384, 20_000, 40_000, 65_536, 70_000, 300_000]

describe.each(carriers)('wires over %s with which anything is done', (carrier) => {
  it.each([11, 12, 13, 14])('carry all bytes in order until they end: %i', async (seed) => {
    await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        using pair = await wirePair(carrier)
        const random = randomFrom(seed * 100 + index)
        const there = new Reader(pair.wire)
        const here = collect(pair.peer)
        const sent = counted(400_000 + Math.floor(random() * 800_000))
        const answered = counted(400_000 + Math.floor(random() * 800_000))

        await Promise.all([
          speak(pair.peer, sent, random),
          answer(pair.wire, there, answered, random),
          pausing(pair, there, random),
        ])

        expect(Buffer.concat(there.pieces).equals(sent)).toBe(true)
        expect((await here).equals(answered)).toBe(true)
        pair.wire.destroy()
        expect([there.closes, there.misplaced]).toEqual([1, 0])
      }),
    )
  })

  it.each([21, 22, 23])('never carry wrong bytes, whoever breaks off: %i', async (seed) => {
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        using pair = await wirePair(carrier)
        const random = randomFrom(seed * 1000 + index)
        const there = new Reader(pair.wire)
        const here: Buffer[] = []
        pair.peer.on('data', (piece: Buffer) => void here.push(piece)).on('error', () => undefined)
        const sent = counted(600_000)
        const answered = counted(600_000)

        const talks = [
          speak(pair.peer, sent, random).catch(() => undefined),
          answer(pair.wire, there, answered, random),
        ]
        for (let turns = random() * 12; turns > 0; turns--) await nextTurn()
        breakOff(pair, random)
        await Promise.all([...talks, there.closed])

        const arrived = Buffer.concat(there.pieces)
        expect(arrived.equals(sent.subarray(0, arrived.length))).toBe(true)
        const received = Buffer.concat(here)
        expect(received.equals(answered.subarray(0, received.length))).toBe(true)
        expect([there.closes, there.misplaced]).toEqual([1, 0])
      }),
    )
  })
})

/** Keeps what arrives, and looks for what may not happen. */
class Reader implements WireHandler {
  readonly pieces: Buffer[] = []
  readonly closed: Promise<void>
  ended = false
  closes = 0
  /** Calls that may not have been made. */
  misplaced = 0
  onWritable: () => void = () => undefined
  #onClosed: () => void

  constructor(wire: Wire) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.closed = promise
    this.#onClosed = resolve
    wire.handler = this
  }

  onBytes(buf: Buffer, start: number, end: number): void {
    if (this.closes > 0 || this.ended || end <= start) this.misplaced++
    this.pieces.push(Buffer.from(buf.subarray(start, end)))
  }

  onEnd(): void {
    if (this.closes > 0 || this.ended) this.misplaced++
    this.ended = true
  }

  onBlocked(): void {
    if (this.closes > 0) this.misplaced++
  }

  onClose(): void {
    this.closes++
    this.onWritable()
    this.#onClosed()
  }
}

async function speak(peer: Socket, bytes: Buffer, random: () => number): Promise<void> {
  for (const piece of cut(bytes, random)) {
    if (peer.destroyed) return
    if (!peer.write(piece)) await Promise.race([once(peer, 'drain'), once(peer, 'close')])
    if (random() < 0.3) await nextTurn()
  }
  peer.end()
}

/** Writes while it may, and sometimes although it should wait. */
async function answer(
  wire: Wire,
  reader: Reader,
  bytes: Buffer,
  random: () => number,
): Promise<void> {
  for (const piece of cut(bytes, random)) {
    const corked = random() < 0.2
    if (corked) wire.cork()
    const copy = Buffer.from(piece)
    wire.write(copy, 0, copy.length)
    copy.fill('!')
    if (corked) wire.uncork()
    if (wire.blocked && reader.closes === 0 && random() < 0.8) {
      await new Promise<void>((resolve) => {
        reader.onWritable = resolve
      })
    } else if (random() < 0.5) await nextTurn()
  }
  if (reader.closes === 0) wire.end()
}

async function pausing({ wire, peer }: WirePair, there: Reader, random: () => number) {
  while (!(there.ended && peer.readableEnded)) {
    if (random() < 0.3) wire.pause()
    if (random() < 0.2) peer.pause()
    if (random() < 0.5) await nextTurn()
    // Twice, since the second time may not matter.
    wire.resume()
    wire.resume()
    peer.resume()
    await nextTurn()
  }
}

function breakOff(pair: WirePair, random: () => number): void {
  const ways = [
    () => pair.wire.destroy(),
    () => pair.wire.reset(),
    () => pair.resetPeer(),
    () => pair.peer.destroy(),
    () => {
      pair.wire.end()
      pair.wire.reset()
    },
    () => {
      pair.wire.pause()
      pair.peer.destroy()
      setImmediate(() => pair.wire.destroy())
    },
    () => {
      pair.wire.end()
      pair.wire.destroy()
    },
  ]
  ways[Math.floor(random() * ways.length)]?.()
  // Not every end is noticed by whoever has read enough.
  setImmediate(() => setImmediate(() => pair.wire.destroy()))
}

async function collect(peer: Socket): Promise<Buffer> {
  const pieces: Buffer[] = []
  peer.on('data', (piece: Buffer) => void pieces.push(piece))
  await once(peer, 'end')
  return Buffer.concat(pieces)
}

/** Pieces of many sizes, all of the bytes together. */
function* cut(bytes: Buffer, random: () => number): Generator<Buffer> {
  let from = 0
  while (from < bytes.length) {
    const size = sizes[Math.floor(random() * sizes.length)] ?? 1
    yield bytes.subarray(from, from + size)
    from += size
  }
}

/** Bytes of which none can be missing or moved without being seen. */
function counted(size: number): Buffer {
  const words = new Uint32Array(Math.ceil(size / 4))
  for (let at = 0; at < words.length; at++) words[at] = Math.imul(at, 2_654_435_761)
  return Buffer.from(words.buffer).subarray(0, size)
}

/** Numbers below 1 that depend on the seed only. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
}
