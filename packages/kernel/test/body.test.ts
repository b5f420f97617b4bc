import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { BytesSource, isBodySource, SourceStream, StreamSource, sourceOf } from '../src/body.ts'
import { HeaderList } from '../src/headers.ts'
import { CollectingSink, PushedSource, readAll } from './support/bodies.ts'

describe('the forms of a body', () => {
  it.each([
    ['a string', 'grüße', 7],
    ['bytes', Buffer.from('grüße'), 7],
    ['an empty string', '', 0],
  ])('know the length of %s', async (_what, body, length) => {
    const source = sourceOf(body)

    expect(source?.length).toBe(length)
    expect((await readAll(source)).bytes.toString()).toBe(body.toString())
  })

  it('do not know the length of a stream', async () => {
    const source = sourceOf(Readable.from([Buffer.from('one '), Buffer.from('two')]))

    expect(source?.length).toBeUndefined()
    expect((await readAll(source)).text).toBe('one two')
  })

  it('include none', () => {
    expect(sourceOf(null)).toBeUndefined()
  })

  it('include sources, which stay what they are', () => {
    const source = new PushedSource(['x'])

    expect(sourceOf(source)).toBe(source)
    expect([isBodySource(source), isBodySource(Readable.from([]))]).toEqual([true, false])
  })
})

describe('bytes that are there', () => {
  it('wait to be taken before they end', () => {
    const source = new BytesSource(Buffer.from('x'))
    const sink = new CollectingSink(() => true)

    source.start(sink)
    expect(sink).toMatchObject({ text: 'x', outcome: 'pending' })
    sink.resume(source)

    expect(sink).toMatchObject({ outcome: 'ended', violations: [] })
  })

  it('do not end once nobody wants them', () => {
    const source = new BytesSource(Buffer.from('x'))
    const sink = new CollectingSink(() => true)
    source.start(sink)

    source.cancel()
    sink.resume(source)

    expect(sink.outcome).toBe('pending')
  })
})

describe('a stream that a plugin gave', () => {
  it('stops while the sink is full', async () => {
    const stream = new PassThrough()
    const source = new StreamSource(stream)
    const sink = new CollectingSink(() => true)
    source.start(sink)

    stream.write('one ')
    stream.write('two')
    await new Promise(setImmediate)
    expect(sink.text).toBe('one ')
    sink.resume(source)
    await new Promise(setImmediate)

    expect(sink.text).toBe('one two')
    source.cancel()
  })

  it('is read although its maker has paused it', async () => {
    const stream = Readable.from(['one'], { objectMode: false })
    stream.pause()

    expect((await readAll(new StreamSource(stream))).text).toBe('one')
  })

  it('keeps its encoding', async () => {
    const stream = Readable.from([Buffer.from([0xe4, 0xff])], { objectMode: false })
    stream.setEncoding('latin1')

    expect((await readAll(new StreamSource(stream))).bytes).toEqual(Buffer.from([0xe4, 0xff]))
  })

  it.each<[string, () => Readable | Promise<Readable>]>([
    ['fails', () => Readable.from(failingPieces())],
    ['has failed before', () => new Readable().destroy(new Error('boom'))],
    ['is closed too early', () => closingLater()],
    ['was closed before', () => new Readable().destroy()],
    ['was read before', () => consumed()],
    ['gives objects', () => Readable.from([{ a: 1 }])],
  ])('fails the body when it %s', async (_how, make) => {
    const stream = await make()
    stream.on('error', () => undefined)

    expect(await readAll(new StreamSource(stream))).toMatchObject({ outcome: 'failed' })
  })

  it('is destroyed when nobody wants the rest, without an error for anybody', async () => {
    const stream = new Readable({
      read: () => undefined,
      destroy: (_error, done) => done(new Error('closing failed')),
    })
    const sink = new CollectingSink()
    const source = new StreamSource(stream)
    source.start(sink)

    source.cancel()
    await new Promise(setImmediate)

    expect(stream.destroyed).toBe(true)
    expect(sink.outcome).toBe('pending')
  })
})

describe('a body as a stream', () => {
  it('copies what it is given', async () => {
    const stream = new SourceStream(new PushedSource(['one ', 'two']))

    const chunks: Buffer[] = await stream.toArray()

    expect(Buffer.concat(chunks).toString()).toBe('one two')
  })

  it('has the trailers once it has ended', async () => {
    const trailers = new HeaderList(['checksum', '7'])
    const stream = new SourceStream(new PushedSource(['x'], 'end', { trailers }))

    await stream.toArray()

    expect(stream.trailers?.get('checksum')).toBe('7')
  })

  it('hands its trailers on when it becomes a body again', async () => {
    const trailers = new HeaderList(['checksum', '7'])
    const stream = new SourceStream(new PushedSource(['x'], 'end', { trailers }))

    expect((await readAll(new StreamSource(stream))).trailers?.get('checksum')).toBe('7')
  })

  it('asks for more only after it asked to stop', async () => {
    const source = new PushedSource(['x'.repeat(70_000), 'y'.repeat(70_000), 'z'])
    const stream = new SourceStream(source)

    await stream.toArray()

    expect(source.events).toEqual(['start', 'resume', 'resume'])
  })

  it('does not touch the source before it is read', async () => {
    const source = new PushedSource(['x'])
    const stream = new SourceStream(source)
    await new Promise(setImmediate)

    expect(source.events).toEqual([])
    stream.destroy()
    expect(source.events).toEqual(['cancel'])
  })

  it('fails with the source', async () => {
    const stream = new SourceStream(new PushedSource(['x'], 'fail'))

    await expect(stream.toArray()).rejects.toThrow('the wire broke')
  })

  it('does not end the process when it fails and nobody listens', async () => {
    const stream = new SourceStream(new PushedSource(['x'], 'fail'))
    stream.pipe(new PassThrough())

    await new Promise((resolve) => stream.on('close', resolve))

    expect(stream.errored).toEqual(new Error('the wire broke'))
  })

  it('gives the source up when its reader does', async () => {
    const source = new PushedSource(['x'], 'open')
    const stream = new SourceStream(source)
    stream.resume()
    await new Promise(setImmediate)

    stream.destroy(new Error('enough'))
    await new Promise(setImmediate)

    expect(source.cancelledWith).toEqual(new Error('enough'))
  })
})

async function* failingPieces(): AsyncGenerator<Buffer> {
  yield Buffer.from('x')
  throw new Error('boom')
}

function closingLater(): Readable {
  const stream = new Readable({ read: () => undefined })
  setImmediate(() => stream.destroy())
  return stream
}

async function consumed(): Promise<Readable> {
  const stream = Readable.from([Buffer.from('x')])
  await stream.toArray()
  return stream
}
