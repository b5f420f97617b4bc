import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { noHandler } from '../../src/wire/wire.ts'
import { carriers, type WirePair, wirePair } from './wire-pair.ts'

const mebibyte = 2 ** 20

/** Makes writes of the wire wait for its peer. Over TLS all of them wait for a moment. */
async function block({ wire, peer }: WirePair): Promise<void> {
  peer.pause()
  const filler = Buffer.alloc(mebibyte)
  for (let turns = 0; turns < 20; turns++) {
    if (!wire.blocked) turns = 0
    while (!wire.blocked) wire.write(filler, 0, filler.length)
    await nextTurn()
  }
}

describe.each(carriers)('a wire that reads much and passes it on over %s', (carrier) => {
  it('reads on when it was stopped and started during one read', async () => {
    using from = await wirePair()
    using to = await wirePair(carrier)
    await block(to)
    let received = 0
    from.wire.handler = {
      ...noHandler,
      onBytes: (buf, start, end) => {
        to.wire.write(buf, start, end)
        from.wire.pause()
        received += end - start
        from.wire.resume()
      },
    }

    const sent = Buffer.from(Uint32Array.from({ length: mebibyte }, (_, index) => index).buffer)

    from.peer.write(sent)

    await vi.waitFor(() => expect(received).toBe(sent.length))
    to.wire.end()
    expect((await to.received()).subarray(-sent.length).equals(sent)).toBe(true)
  })

  it('does not overwrite what waits when it is started again too early', async () => {
    using from = await wirePair()
    using to = await wirePair(carrier)
    await block(to)
    const sent = Buffer.from(Uint32Array.from({ length: mebibyte }, (_, index) => index).buffer)
    let early = 0
    let received = 0
    from.wire.handler = {
      ...noHandler,
      onBytes: (buf, start, end) => {
        received += end - start
        if (to.wire.write(buf, start, end)) return
        from.wire.pause()
        setImmediate(() => {
          if (to.wire.blocked) early++
          from.wire.resume()
        })
      },
    }
    const arrived = to.received()
    to.peer.pause()

    from.peer.write(sent)
    await vi.waitFor(() => expect(early).toBeGreaterThan(0))
    setImmediate(() => setImmediate(() => to.peer.resume()))

    await vi.waitFor(() => expect(received).toBe(sent.length))
    to.wire.end()
    expect((await arrived).subarray(-sent.length).equals(sent)).toBe(true)
  })

  it('leaves what it has read alone when it is closed during the read', async () => {
    using from = await wirePair()
    using to = await wirePair(carrier)
    await block(to)
    using other = await wirePair()
    const sent = Buffer.alloc(4 * mebibyte, 'first ')
    let before = 0
    let written = 0
    from.wire.handler = {
      ...noHandler,
      onBytes: (buf, start, end) => {
        // The first read is small.
        if (end - start < 2 ** 16 || before === 0) {
          before += end - start
          return
        }
        from.wire.destroy()
        to.wire.write(buf, start, end)
        written = end - start
      },
    }

    from.peer.on('error', () => undefined)
    from.peer.write(sent)
    await vi.waitFor(() => expect(written).toBeGreaterThan(0))
    let others = 0
    other.wire.handler = {
      ...noHandler,
      onBytes: (_buf, start, end) => {
        others += end - start
      },
    }
    other.peer.write(Buffer.alloc(4 * mebibyte, 'other '))
    await vi.waitFor(() => expect(others).toBe(4 * mebibyte))
    to.wire.end()
    const received = await to.received()

    const passed = received.subarray(received.length - written)
    expect(passed.equals(sent.subarray(before, before + written))).toBe(true)
  })
})

describe.each(carriers)('a wire over %s whose peer does not read', (carrier) => {
  it('keeps what waits apart from what others write', async () => {
    using slow = await wirePair(carrier)
    using other = await wirePair(carrier)
    other.peer.resume()
    slow.peer.pause()
    const sent: Buffer[] = []
    // Small enough to be copied, so that what waits stands in a buffer that all wires use.
    for (let index = 0; !slow.wire.blocked; index++) {
      const piece = Buffer.alloc(20_000, `${index} `)
      sent.push(piece)
      slow.wire.write(piece, 0, piece.length)
      other.wire.write(Buffer.alloc(20_000, 'other '), 0, 20_000)
    }

    slow.wire.end()

    expect((await slow.received()).equals(Buffer.concat(sent))).toBe(true)
  })
})
