import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { startBehind } from '../behind.ts'
import { startHttp2Upstream } from './http2-upstream.ts'

/** 64 MiB, or what the environment says. */
const totalBytes = Number(process.env['GATEWRIGHT_TRANSFER_BYTES'] ?? 64 * 2 ** 20)
const pieceBytes = 2 ** 16
const timeout = 30_000 + totalBytes / 20_000

describe(`${totalBytes / 2 ** 20} MiB over HTTP/2`, () => {
  it.each([true, false])('come down unharmed, with a length: %s', { timeout }, async (framed) => {
    const sent = createHash('sha256')
    await using upstream = await startHttp2Upstream(async ({ stream }) => {
      // Node would end it by a reset otherwise.
      stream.resume()
      stream.respond(framed ? { 'content-length': totalBytes } : {})
      for (const piece of pieces()) {
        sent.update(piece)
        if (!stream.write(piece)) await once(stream, 'drain')
      }
      stream.end()
    })
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()
    const received = createHash('sha256')

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    let bytes = 0
    await client.readBody(await client.readHead(), (piece) => {
      bytes += piece.length
      received.update(piece)
    })

    expect(bytes).toBe(totalBytes)
    expect(received.digest('hex')).toBe(sent.digest('hex'))
  })

  it.each([true, false])('go up unharmed, with a length: %s', { timeout }, async (framed) => {
    const sent = createHash('sha256')
    const received = createHash('sha256')
    let bytes = 0
    await using upstream = await startHttp2Upstream(async ({ stream }) => {
      for await (const piece of stream) {
        bytes += piece.length
        received.update(piece)
      }
      stream.respond({ ':status': 204 }, { endStream: true })
    })
    await using gateway = await startBehind(upstream)
    using client = await gateway.connect()

    const framing = framed ? `Content-Length: ${totalBytes}` : 'Transfer-Encoding: chunked'
    await client.send(`PUT / HTTP/1.1\r\nHost: h\r\n${framing}\r\n\r\n`)
    for (const piece of pieces()) {
      sent.update(piece)
      await client.send(framed ? piece : Buffer.concat([sizeLine, piece, lineEnd]))
    }
    if (!framed) await client.send('0\r\n\r\n')
    const response = await client.readResponse()

    expect([response.status, bytes]).toEqual([204, totalBytes])
    expect(received.digest('hex')).toBe(sent.digest('hex'))
  })
})

const sizeLine = Buffer.from('10000\r\n')
const lineEnd = Buffer.from('\r\n')

/** Pieces that differ from each other, so that a swapped one shows. */
function* pieces(): Generator<Buffer> {
  for (let i = 0; i < totalBytes / pieceBytes; i++) yield Buffer.alloc(pieceBytes, `${i} `)
}
