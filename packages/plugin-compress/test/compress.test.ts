import { Readable } from 'node:stream'
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { mountMiddleware } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { compress } from '../src/index.ts'

const body = JSON.stringify({ text: 'a'.repeat(2048) })
const json = { 'content-type': 'application/json' }
const all = { encodings: ['br', 'zstd', 'gzip', 'deflate'] }

describe('compress', () => {
  it.each([
    { coding: 'br', decode: brotliDecompressSync },
    { coding: 'zstd', decode: zstdDecompressSync },
    { coding: 'gzip', decode: gunzipSync },
    { coding: 'deflate', decode: inflateSync },
  ])('sends a body with $coding to a client that accepts it', async ({ coding, decode }) => {
    await using mounted = await mountMiddleware(compress, all, {
      upstream: { headers: json, body },
    })

    const response = await mounted.send({ headers: { 'accept-encoding': coding } })

    expect(response.headers['content-encoding']).toBe(coding)
    expect(response.headers['content-length']).toBeUndefined()
    expect(response.headers['vary']).toBe('Accept-Encoding')
    expect(response.body.length).toBeLessThan(200)
    expect(decode(response.body).toString()).toBe(body)
  })

  it.each([
    { why: 'the client says nothing', accept: undefined },
    { why: 'the client prefers that', accept: 'identity, gzip;q=0.5' },
    { why: 'the client accepts none of the codings', accept: 'compress, identity;q=0' },
    { why: 'it is short', accept: 'gzip', reply: { body: 'a'.repeat(500) } },
    { why: 'it is asked for in part', accept: 'gzip', range: 'bytes=0-9' },
  ])('sends a body as it is, with Vary, when $why', async ({ accept, reply, range }) => {
    await using mounted = await mountMiddleware(
      compress,
      {},
      {
        upstream: { headers: json, body, ...reply },
      },
    )

    const response = await mounted.send({
      headers: {
        ...(accept !== undefined && { 'accept-encoding': accept }),
        ...(range !== undefined && { range }),
      },
    })

    expect(response.headers['content-encoding']).toBeUndefined()
    expect(response.headers['vary']).toBe('Accept-Encoding')
    expect(response.text).toBe(reply?.body ?? body)
  })

  it.each([
    { why: 'is compressed already', headers: { ...json, 'content-encoding': 'br' } },
    { why: 'may not be changed', headers: { ...json, 'cache-control': 'public, no-transform' } },
    { why: 'is a part', status: 206, headers: { ...json, 'content-range': 'bytes 0-9/10' } },
    { why: 'is an image', headers: { 'content-type': 'image/png' } },
    { why: 'has no type', headers: {} },
    { why: 'is an event stream', headers: { 'content-type': 'text/event-stream' } },
    { why: 'is gRPC', headers: { 'content-type': 'application/grpc+json' } },
  ])('leaves alone what $why', async ({ headers, status = 200 }) => {
    const upstream = { status, headers: { ...headers, etag: '"v1"' }, body }
    await using mounted = await mountMiddleware(compress, {}, { upstream })

    const response = await mounted.send({ headers: { 'accept-encoding': 'gzip' } })

    expect(response.text).toBe(body)
    expect(response.headers).toMatchObject({ ...headers, etag: '"v1"' })
    expect(response.headers['vary']).toBeUndefined()
  })

  it.each([
    ['identity', 'gzip'],
    ['identity, br', 'identity'],
  ])('leaves alone what says in some line that it is compressed: %s, %s', async (...codings) => {
    const lines = codings.map((coding): [string, string] => ['content-encoding', coding])
    const upstream = { headers: [...Object.entries(json), ...lines], body }
    await using mounted = await mountMiddleware(compress, {}, { upstream })

    const response = await mounted.send({ headers: { 'accept-encoding': 'gzip' } })

    expect(response.text).toBe(body)
    expect(response.headerValues('content-encoding')).toEqual(codings)
  })

  it.each([204, 304])('leaves an answer of %i alone', async (status) => {
    const upstream = { status, headers: { ...json, etag: '"v1"' } }
    await using mounted = await mountMiddleware(compress, {}, { upstream })

    const response = await mounted.send({ headers: { 'accept-encoding': 'gzip' } })

    expect(response.headers).toEqual({ ...json, etag: '"v1"' })
  })

  it.each([
    { why: 'is long enough', length: '4096', accept: 'gzip', compressed: true },
    { why: 'is of unknown length', length: undefined, accept: 'gzip', compressed: true },
    { why: 'is short', length: '500', accept: 'gzip', compressed: false },
    { why: 'is not to be compressed', length: '4096', accept: 'identity', compressed: false },
  ])('tells HEAD what it would tell GET of a body that $why', async (given) => {
    const { length, accept, compressed } = given
    const fields = { ...json, ...(length !== undefined && { 'content-length': length }) }
    const upstream = { headers: { ...fields, etag: '"v1"', 'accept-ranges': 'bytes' } }
    await using mounted = await mountMiddleware(compress, {}, { upstream })

    const response = await mounted.send({ method: 'HEAD', headers: { 'accept-encoding': accept } })

    const told = compressed
      ? { ...json, etag: 'W/"v1"', 'content-encoding': 'gzip' }
      : { ...fields, etag: '"v1"', 'accept-ranges': 'bytes' }
    expect(response.headers).toEqual({ ...told, vary: 'Accept-Encoding' })
  })

  it.each([
    { type: 'text/html; charset=utf-8', compressed: true },
    { type: 'TEXT/CSS', compressed: true },
    { type: 'application/problem+json', compressed: true },
    { type: 'image/svg+xml', compressed: true },
    { type: 'application/x-ndjson', compressed: true },
    { type: 'application/octet-stream', compressed: false },
    { type: 'application/jsonp', compressed: false },
    { type: 'video/mp4', compressed: false },
  ])('compresses $type: $compressed', async ({ type, compressed }) => {
    const upstream = { headers: { 'content-type': type }, body }
    await using mounted = await mountMiddleware(compress, {}, { upstream })

    const response = await mounted.send({ headers: { 'accept-encoding': 'gzip' } })

    expect(response.headers['content-encoding']).toBe(compressed ? 'gzip' : undefined)
  })

  it('says that the bytes are others than those of the upstream', async () => {
    const upstream = {
      headers: {
        ...json,
        etag: '"v1"',
        vary: 'Origin',
        'accept-ranges': 'bytes',
        'content-digest': 'sha-256=:x:',
        'content-encoding': 'identity',
      },
      body,
    }
    await using mounted = await mountMiddleware(compress, {}, { upstream })

    const response = await mounted.send({ headers: { 'accept-encoding': 'gzip' } })

    expect(response.headers).toEqual({
      ...json,
      etag: 'W/"v1"',
      vary: 'Origin, Accept-Encoding',
      'content-encoding': 'gzip',
    })
  })

  it.each(['*', 'Origin, accept-encoding'])('adds nothing to Vary: %s', async (vary) => {
    const upstream = { headers: { ...json, vary }, body }
    await using mounted = await mountMiddleware(compress, {}, { upstream })

    const response = await mounted.send({ headers: { 'accept-encoding': 'gzip' } })

    expect(response.headers['vary']).toBe(vary)
  })

  it('passes on what comes after the body', async () => {
    const upstream = { headers: json, body: Readable.from([body]), trailers: { 'x-sum': '7' } }
    await using mounted = await mountMiddleware(compress, {}, { upstream })

    const response = await mounted.send({ headers: { 'accept-encoding': 'gzip' } })

    expect(gunzipSync(response.body).toString()).toBe(body)
    expect(response.rawTrailers).toEqual(['x-sum', '7'])
  })

  it('passes on nothing after the body that describes the bytes of another one', async () => {
    const trailers = {
      'content-digest': 'sha-256=:AA==:',
      'repr-digest': 'sha-256=:AA==:',
      digest: 'sha-256=AA==',
      'content-md5': 'AA==',
      etag: '"v1"',
      'x-sum': '7',
    }
    await using mounted = await mountMiddleware(
      compress,
      {},
      { upstream: { headers: json, body: Readable.from([body]), trailers } },
    )

    const encoded = await mounted.send({ headers: { 'accept-encoding': 'gzip' } })

    expect(gunzipSync(encoded.body).toString()).toBe(body)
    expect(encoded.rawTrailers).toEqual(['x-sum', '7', 'etag', 'W/"v1"'])
  })

  it.each([
    { what: 'a query and a cookie', send: { target: '/?q=x', headers: { cookie: 'a=1' } } },
    {
      what: 'a body and a login',
      send: { method: 'POST', body: 'x', headers: { authorization: 'Basic eA==' } },
    },
    { what: 'a query, and it sets a cookie', send: { target: '/?q=x' }, sets: 'session=1' },
    {
      what: 'a query and a cookie that another site made its browser send',
      send: { target: '/?q=x', headers: { cookie: 'a=1', 'sec-fetch-site': 'same-site' } },
    },
  ])('can be told not to compress what answers $what', async ({ send, sets }) => {
    const headers = { ...json, ...(sets !== undefined && { 'set-cookie': sets }) }
    const sending = {
      ...send,
      headers: { 'accept-encoding': 'gzip', ...send.headers },
      upstream: { headers, body },
    }
    await using cautious = await mountMiddleware(compress, { breach_mitigation: true })
    await using usual = await mountMiddleware(compress, {})

    const responses = [await cautious.send(sending), await usual.send(sending)]

    expect(responses.map((response) => response.headers['content-encoding'])).toEqual([
      undefined,
      'gzip',
    ])
    expect(responses[0]?.headers['vary']).toBe('Accept-Encoding')
  })

  it.each([
    { what: 'no input', send: { headers: { cookie: 'a=1' } } },
    { what: 'input, but nothing secret', send: { target: '/?q=x' } },
    {
      what: 'what its own page has sent',
      send: { target: '/?q=x', headers: { cookie: 'a=1', 'sec-fetch-site': 'same-origin' } },
    },
  ])('still compresses what answers $what', async ({ send }) => {
    await using mounted = await mountMiddleware(compress, { breach_mitigation: true })

    const response = await mounted.send({
      ...send,
      headers: { 'accept-encoding': 'gzip', ...send.headers },
      upstream: { headers: json, body },
    })

    expect(response.headers['content-encoding']).toBe('gzip')
  })

  it('compresses so many at once, whatever is reloaded meanwhile', async () => {
    await using mounted = await mountMiddleware(compress, { max_encoders: 1 })
    const headers = { 'accept-encoding': 'gzip' }
    const endless = { headers: json, body: new Readable({ read: () => undefined }) }
    const first = mounted.send({ headers, upstream: endless })

    await mounted.reload({ max_encoders: 1, min_bytes: 100 })
    const second = await mounted.send({ headers, upstream: { headers: json, body } })
    mounted.abort()
    await first

    expect(second.headers['content-encoding']).toBeUndefined()
  })

  it('compresses so many at once, and sends the others as they are', async () => {
    await using mounted = await mountMiddleware(compress, { max_encoders: 1 })
    const upstream = { headers: json, body }
    const headers = { 'accept-encoding': 'gzip' }
    const endless = { headers: json, body: new Readable({ read: () => undefined }) }
    const first = mounted.send({ headers, upstream: endless })

    const second = await mounted.send({ headers, upstream })
    mounted.abort()
    await first
    const third = await mounted.send({ headers, upstream })

    expect(second.headers['content-encoding']).toBeUndefined()
    expect(third.headers['content-encoding']).toBe('gzip')
  })
})
