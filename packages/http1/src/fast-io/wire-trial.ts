import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Wire, WireHandler } from '../wire/wire.ts'

const timeoutMs = 5000
const keepAliveMs = 15_000
const pieceBytes = 64 * 1024
/** More than any system buffers between two sockets. */
const maxPieces = 1024
const bulkBytes = 1024 * 1024
const bulkByte = 7
/** One byte in so many is looked at. */
const stride = 61

/** Closes what the test has opened, whatever becomes of it. */
export async function runTrial(
  test: (sockets: Socket[]) => Promise<string | undefined>,
): Promise<string | undefined> {
  const sockets: Socket[] = []
  const { promise: late, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(() => resolve('the self-test took too long'), timeoutMs)
  try {
    return await Promise.race([late, test(sockets)])
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(timer)
    for (const socket of sockets) socket.destroy()
  }
}

/**
 * Keep-alive, small and waiting writes, small and bulk reads, pauses, the end, and what follows a close. Throws
 * if any of it is not as it should be.
 */
export async function tryWire(wire: Wire, peer: Socket): Promise<void> {
  const seen = new Recorder()
  wire.handler = seen
  wire.keepAlive(keepAliveMs)
  await answerSmall(wire, seen, peer)
  await waitForReader(wire, seen, peer)
  await readMuch(wire, seen, peer)
  peer.end()
  await seen.until(() => seen.ended, 'the end of the peer')
  wire.end()
  await once(peer.resume(), 'end')
  wire.destroy()
  wire.write(Buffer.from('late'), 0, 4)
  wire.resume()
  await new Promise((resolve) => setImmediate(resolve))
  expect(seen.closes === 1, 'one close')
}

async function answerSmall(wire: Wire, seen: Recorder, peer: Socket): Promise<void> {
  peer.write('ping')
  await seen.until(() => seen.bytes === 4, 'four bytes')
  wire.write(Buffer.from('pong'), 0, 4)
  const [answer] = await once(peer, 'data')
  expect(String(answer) === 'pong', 'the answer')
}

/** The peer stops reading until a write waits, then everything has to arrive in order. */
async function waitForReader(wire: Wire, seen: Recorder, peer: Socket): Promise<void> {
  peer.pause()
  const piece = Buffer.alloc(pieceBytes)
  let pieces = 0
  do piece.fill(pieces)
  while (wire.write(piece, 0, pieceBytes) && ++pieces < maxPieces)
  expect(wire.blocked, 'a write that waits')
  const expected = (pieces + 1) * pieceBytes
  let received = 0
  for await (const chunk of peer.iterator({ destroyOnReturn: false })) {
    // A socket without an encoding gives buffers.
    const bytes = chunk as Buffer
    for (let at = 0; at < bytes.length; at += stride) {
      expect(bytes[at] === (Math.trunc((received + at) / pieceBytes) & 0xff), 'bytes in order')
    }
    received += bytes.length
    if (received >= expected) break
  }
  await seen.until(() => seen.writable, 'a writable wire')
}

async function readMuch(wire: Wire, seen: Recorder, peer: Socket): Promise<void> {
  const before = seen.bytes
  wire.pause()
  const bulk = Buffer.alloc(bulkBytes, bulkByte)
  peer.write(bulk)
  wire.resume()
  await seen.until(() => seen.bytes - before === bulkBytes, 'bulk')
  expect(seen.wrong === 0, 'bulk as it was sent')
}

/** Notes what a wire tells. */
class Recorder implements WireHandler {
  bytes = 0
  /** Bytes after the first four that are not those of the bulk. */
  wrong = 0
  ended = false
  writable = false
  closes = 0
  #changed: () => void = () => {}
  #failure: Error | undefined = undefined

  onBytes(buf: Buffer, start: number, end: number): void {
    this.bytes += end - start
    if (this.bytes > 4) {
      for (let at = start; at < end; at += stride) if (buf[at] !== bulkByte) this.wrong++
    }
    this.#changed()
  }

  onEnd(): void {
    this.ended = true
    this.#changed()
  }

  onBlocked(): void {
    this.writable = false
  }

  onWritable(): void {
    this.writable = true
    this.#changed()
  }

  onClose(error: Error | undefined): void {
    this.closes++
    this.#failure = error ?? new Error('the wire closed')
    this.#changed()
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    while (!condition()) {
      if (this.#failure !== undefined)
        throw new Error(`waiting for ${what}`, { cause: this.#failure })
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#changed = resolve
      await promise
    }
  }
}

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`expected ${what}`)
}
