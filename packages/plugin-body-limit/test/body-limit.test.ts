import { Readable } from 'node:stream'
import { mountMiddleware } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { bodyLimit } from '../src/index.ts'

const limit = { max_body_bytes: 1024 }

describe('body-limit', () => {
  it.each([
    [0, 200],
    [512, 200],
    [1024, 200],
    [1025, 413],
    [2048, 413],
  ])('answers %i bytes of which the client said how many with %i', async (size, status) => {
    await using mounted = await mountMiddleware(bodyLimit, limit)

    const response = await mounted.send({ method: 'POST', body: Buffer.alloc(size) })

    expect(response.status).toBe(status)
    expect(mounted.upstream.requests).toHaveLength(status === 200 ? 1 : 0)
  })

  it('says what is too large, and how much may come', async () => {
    await using mounted = await mountMiddleware(bodyLimit, limit)

    const response = await mounted.send({ method: 'POST', body: Buffer.alloc(2048) })

    expect(response.json()).toMatchObject({
      code: 'GW_BODY_LIMIT_EXCEEDED',
      error: 'Request body too large',
      detail: 'the body is larger than 1024 bytes',
      max_bytes: 1024,
    })
  })

  it('lets requests without a body pass', async () => {
    await using mounted = await mountMiddleware(bodyLimit, limit)

    expect((await mounted.send()).status).toBe(200)
  })

  it.each([
    { pieces: 2, status: 200 },
    { pieces: 4, status: 413 },
  ])('counts $pieces pieces of 512 bytes as they go by: $status', async ({ pieces, status }) => {
    await using mounted = await mountMiddleware(bodyLimit, limit)

    const response = await mounted.send({ method: 'POST', body: stream(pieces) })

    expect(response.status).toBe(status)
    expect(mounted.upstream.requests[0]?.body.length).toBeLessThanOrEqual(1024)
  })

  it.each([
    { max: 100, value: 'a'.repeat(200), status: 431 },
    { max: 100, value: 'a', status: 200 },
  ])('bounds the header fields, if told to: $max', async ({ max, value, status }) => {
    const options = { ...limit, max_header_bytes: max }
    await using mounted = await mountMiddleware(bodyLimit, options)

    const response = await mounted.send({ headers: { host: 'a', 'x-a': value } })

    expect(response.status).toBe(status)
  })

  it('counts a header field with what stands around it', async () => {
    // "host: a" and "x-a: b", each with the end of its line.
    await using exact = await mountMiddleware(bodyLimit, { ...limit, max_header_bytes: 17 })
    await using less = await mountMiddleware(bodyLimit, { ...limit, max_header_bytes: 16 })
    const request = { headers: { host: 'a', 'x-a': 'b' } }

    expect((await exact.send(request)).status).toBe(200)
    expect((await less.send(request)).status).toBe(431)
  })

  it('lets a larger stream pass in a dry run, and says so once', async () => {
    await using mounted = await mountMiddleware(bodyLimit, limit, { dryRun: true })

    const response = await mounted.send({ method: 'POST', body: stream(8) })

    expect(response.status).toBe(200)
    expect(mounted.upstream.requests[0]?.body.length).toBe(4096)
    expect(mounted.logs.find({ msg: 'dry run: would have rejected' })).toMatchObject([
      { status: 413, code: 'GW_BODY_LIMIT_EXCEEDED' },
    ])
  })

  it('says nothing in a dry run about a stream that is small enough', async () => {
    await using mounted = await mountMiddleware(bodyLimit, limit, { dryRun: true })

    await mounted.send({ method: 'POST', body: stream(2) })

    expect(mounted.logs.find({ msg: 'dry run: would have rejected' })).toEqual([])
  })

  it('takes another limit with a reload', async () => {
    await using mounted = await mountMiddleware(bodyLimit, limit)
    await mounted.reload({ max_body_bytes: '2KiB' })

    const response = await mounted.send({ method: 'POST', body: Buffer.alloc(2048) })

    expect(response.status).toBe(200)
  })
})

/** A body of unknown length. */
function stream(pieces: number): Readable {
  return Readable.from(Array.from({ length: pieces }, () => Buffer.alloc(512)))
}
