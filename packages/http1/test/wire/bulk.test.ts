import { describe, expect, it, vi } from 'vitest'
import { noHandler } from '../../src/wire/wire.ts'
import { type WirePair, wirePair } from './wire-pair.ts'

const mebibyte = 2 ** 20

/** Makes writes of the wire wait for its peer. */
function block({ wire, peer }: WirePair): void {
  peer.pause()
  const filler = Buffer.alloc(mebibyte)
  while (!wire.blocked) wire.write(filler, 0, filler.length)
}

describe('a wire that reads much and passes it on to one that waits', () => {
  it('reads on when it was stopped and started during one read', async () => {
    using from = await wirePair()
    using to = await wirePair()
    block(to)
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

    from.peer.write(Buffer.alloc(4 * mebibyte))

    await vi.waitFor(() => expect(received).toBe(4 * mebibyte))
  })

  it('leaves what it has read alone when it is closed during the read', async () => {
    using from = await wirePair()
    using to = await wirePair()
    block(to)
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
