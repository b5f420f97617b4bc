import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { HeaderList } from '../src/headers.ts'
import { GatewayResponse } from '../src/response.ts'
import { PushedSource, readAll } from './support/bodies.ts'

describe('asking for a body', () => {
  it.each([
    ['none', null, false, 0],
    ['an empty string', '', true, 0],
    ['a string', 'grün', true, 5],
    ['bytes', Buffer.from('abc'), true, 3],
    ['a stream', Readable.from([]), true, undefined],
    ['a source of known length', new PushedSource(['x'], 'end', { length: 1 }), true, 1],
    ['a source of unknown length', new PushedSource(['x']), true, undefined],
  ])('does not touch it: %s', (_what, body, hasBody, length) => {
    const response = new GatewayResponse({ status: 200, body })

    expect([response.hasBody, response.bodyLength]).toEqual([hasBody, length])
    if (body instanceof PushedSource) expect(body.events).toEqual([])
  })

  it('makes a stream of one that is still on the wire, the same each time', async () => {
    const response = new GatewayResponse({ status: 200, body: new PushedSource(['one ', 'two']) })

    const { body } = response

    expect(body).toBeInstanceOf(Readable)
    expect(response.body).toBe(body)
    expect((await readAll(response.takeBody())).text).toBe('one two')
  })
})

describe('assigning a body', () => {
  it('gives up the old one and its length', async () => {
    const source = new PushedSource(['old'])
    const headers = new HeaderList(['content-length', '3', 'x-a', '1'])
    const response = new GatewayResponse({ status: 200, headers, body: source })

    response.body = 'new body'

    expect(source.cancelled).toBe(true)
    expect([...response.headers]).toEqual([['x-a', '1']])
    expect((await readAll(response.takeBody())).text).toBe('new body')
  })

  it('may wrap the old one', async () => {
    const response = new GatewayResponse({ status: 200, body: new PushedSource(['one ', 'two']) })
    const { body } = response
    if (!(body instanceof Readable)) expect.fail()

    response.body = body.pipe(new PassThrough())

    expect((await readAll(response.takeBody())).text).toBe('one two')
  })

  it('does not end the process with a stream that fails before it is sent', async () => {
    const stream = new Readable({ read: () => undefined })
    const assigned = new GatewayResponse({ status: 200 })
    assigned.body = stream
    const given = new GatewayResponse({ status: 200, body: new Readable().destroy(new Error('a')) })

    stream.destroy(new Error('b'))
    await new Promise(setImmediate)

    expect(await readAll(assigned.takeBody())).toMatchObject({ error: new Error('b') })
    expect(await readAll(given.takeBody())).toMatchObject({ error: new Error('a') })
  })
})

describe('limiting a body', () => {
  it('refuses at once what is known to be too long', () => {
    const body = new PushedSource(['12345'], 'end', { length: 5 })
    const response = new GatewayResponse({ status: 200, body })

    expect(() => response.limitBody(4)).toThrow(
      expect.objectContaining({ code: 'GW_BODY_TOO_LARGE', status: 413 }),
    )
    expect(body.events).toEqual([])
  })

  it('leaves alone what is known to fit', () => {
    const body = new PushedSource(['12345'], 'end', { length: 5 })
    const response = new GatewayResponse({ status: 200, body })

    response.limitBody(5)

    expect(response.takeBody()).toBe(body)
  })

  it('fails what turns out to be too long, with the error that was asked for', async () => {
    const response = new GatewayResponse({ status: 200, body: new PushedSource(['123', '45']) })
    const error = Object.assign(new Error('mine'), { code: 'GW_MINE' })

    response.limitBody(4, () => error as never)

    expect(await readAll(response.takeBody())).toMatchObject({ outcome: 'failed', error })
  })
})

describe('observing and transforming a body', () => {
  it('work on every form', async () => {
    const seen: string[] = []
    for (const body of ['one', Buffer.from('two'), Readable.from(['three']), null]) {
      const response = new GatewayResponse({ status: 200, body })
      response.observeBody((bytes) => seen.push(Buffer.from(bytes).toString()))
      response.transformBody(() => new PassThrough())
      await readAll(response.takeBody())
    }

    expect(seen).toEqual(['one', 'two', 'three'])
  })

  it('remove the length only if it may change', () => {
    const headers = new HeaderList(['content-length', '3'])
    const observed = new GatewayResponse({ status: 200, headers: headers.clone(), body: 'one' })
    const transformed = new GatewayResponse({ status: 200, headers: headers.clone(), body: 'one' })

    observed.observeBody(() => undefined)
    transformed.transformBody(() => new PassThrough())

    expect([observed.headers.size, observed.bodyLength]).toEqual([1, 3])
    expect([transformed.headers.size, transformed.bodyLength]).toEqual([0, undefined])
  })
})

describe('the trailers of a message', () => {
  it('come after the body, without reading it', async () => {
    const trailers = new HeaderList(['a', '1'])
    const body = new PushedSource(['x'], 'end', { trailers })
    const response = new GatewayResponse({ status: 200, body })

    const wanted = Promise.resolve(response.trailers)
    expect(body.events).toEqual([])
    await readAll(response.takeBody())

    expect(await wanted).toBe(trailers)
  })

  it('are none without a body', async () => {
    expect((await new GatewayResponse({ status: 204 }).trailers).size).toBe(0)
  })

  it('fail with a body that is discarded', async () => {
    const response = new GatewayResponse({ status: 200, body: new PushedSource(['x']) })
    const { trailers } = response

    response.discard()

    await expect(trailers).rejects.toMatchObject({ code: 'GW_BODY_ABORTED' })
  })

  it('may be given by the maker, who may fail to without ending the process', async () => {
    const trailers = Promise.reject(new Error('reset'))
    const response = new GatewayResponse({ status: 200, body: 'x', trailers })
    response.discard()
    await new Promise(setImmediate)

    await expect(response.trailers).rejects.toThrow('reset')
  })

  it('are sent after a body that brings none', async () => {
    const trailers = Promise.resolve(new HeaderList(['grpc-status', '0']))
    const response = new GatewayResponse({ status: 200, body: 'x', trailers })

    expect((await readAll(response.takeBody())).trailers?.get('grpc-status')).toBe('0')
  })
})

describe('discarding a message', () => {
  it('gives the source up, once', () => {
    const body = new PushedSource(['x'])
    const response = new GatewayResponse({ status: 200, body })

    response.discard()
    response.discard()

    expect(body.events).toEqual(['cancel'])
    expect(response.hasBody).toBe(false)
  })

  it('destroys a stream', () => {
    const body = new Readable({ read: () => undefined })

    new GatewayResponse({ status: 200, body }).discard()

    expect(body.destroyed).toBe(true)
  })

  it('gives up a stream that was replaced and that nobody has read', () => {
    const source = new PushedSource(['x'], 'open')
    const response = new GatewayResponse({ status: 200, body: source })
    const { body } = response
    response.body = 'another'

    expect(source.cancelled).toBe(false)
    response.discard()

    expect(body).toMatchObject({ destroyed: true })
    expect(source.cancelled).toBe(true)
  })

  it('leaves alone a replaced stream that somebody reads', async () => {
    const read = Readable.from(['x', 'y'])
    const response = new GatewayResponse({ status: 200, body: read })
    response.body = 'another'
    const iterator = read.iterator()
    await iterator.next()

    response.discard()

    expect(read.destroyed).toBe(false)
    read.destroy()
  })

  it('leaves alone a body that somebody has taken', () => {
    const body = new PushedSource(['x'])
    const response = new GatewayResponse({ status: 200, body })
    response.takeBody()

    response.discard()

    expect(body.cancelled).toBe(false)
  })
})
