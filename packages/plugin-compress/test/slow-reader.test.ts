import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { mountMiddleware } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { compress } from '../src/index.ts'

const pieceBytes = 65_536
const bodyBytes = 320 * pieceBytes
/** Buffers of the streams on the way and of the codings, each a few pieces; the body is 20 MiB. */
const mostUnderWay = 20 * pieceBytes

describe('compress for a slow reader', () => {
  it.each([
    { coding: 'gzip', decoder: createGunzip() },
    { coding: 'br', decoder: createBrotliDecompress() },
  ])('takes no more of 20 MiB than it is about to send, with $coding', async (given) => {
    const { coding, decoder } = given
    let taken = 0
    // What can hardly be compressed keeps everything full that is on the way.
    const body = new Readable({
      highWaterMark: pieceBytes,
      read() {
        taken += pieceBytes
        this.push(taken > bodyBytes ? null : randomBytes((pieceBytes / 4) * 3).toString('base64'))
      },
    })
    let read = 0
    decoder.on('data', (bytes: Buffer) => {
      read += bytes.length
    })
    let most = 0
    await using mounted = await mountMiddleware(compress)

    await mounted.send({
      headers: { 'accept-encoding': coding },
      upstream: { headers: { 'content-type': 'text/plain' }, body },
      async onPiece(piece) {
        // Time for the upstream and the encoder, which would run ahead.
        for (let turn = 0; turn < 20; turn++) await setImmediate()
        await new Promise((resolve) => decoder.write(piece, resolve))
        most = Math.max(most, taken - read)
      },
    })
    decoder.end()
    await once(decoder, 'end')

    expect(read).toBe(bodyBytes)
    expect(most).toBeLessThan(mostUnderWay)
  })
})
