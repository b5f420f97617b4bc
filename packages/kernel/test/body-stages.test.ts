import { PassThrough, Transform } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import { array, assert, asyncProperty, boolean, constantFrom, record, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BodySource } from '../src/body.ts'
import { ReplayableBody, teeBody } from '../src/body-copies.ts'
import {
  LimitedSource,
  ObservedSource,
  TrailerSource,
  TrailingSource,
  TransformedSource,
} from '../src/body-stages.ts'
import { HeaderList } from '../src/headers.ts'
import { CollectingSink, PushedSource, readAll } from './support/bodies.ts'

describe('a limited body', () => {
  it('passes up to its limit', async () => {
    const limited = new LimitedSource(new PushedSource(['12', '345']), 5, tooLarge)

    expect((await readAll(limited)).text).toBe('12345')
  })

  it('fails at the first byte above its limit, and passes none of that piece', async () => {
    const source = new PushedSource(['123', '456', '7'])
    const limited = new LimitedSource(source, 5, tooLarge)

    const sink = await readAll(limited)

    expect(sink).toMatchObject({ outcome: 'failed', text: '123', error: new Error('too large') })
    expect(source.cancelledWith).toEqual(new Error('too large'))
  })
})

describe('an observed body', () => {
  it('shows each piece as it goes by', async () => {
    const seen: string[] = []
    const observed = new ObservedSource(new PushedSource(['one', 'two']), (bytes) =>
      seen.push(Buffer.from(bytes).toString()),
    )

    const { text } = await readAll(observed)

    expect(seen).toEqual(['one', 'two'])
    expect(text).toBe('onetwo')
  })

  it('fails when its observer does', async () => {
    const source = new PushedSource(['one', 'two'])
    const observed = new ObservedSource(source, () => {
      throw new Error('boom')
    })

    const sink = await readAll(observed)

    expect(sink).toMatchObject({ outcome: 'failed', text: '', error: new Error('boom') })
    expect(source.cancelled).toBe(true)
  })

  it('fails when its observer is asynchronous by mistake and rejects', async () => {
    const source = new PushedSource(['one'], 'open')
    const sink = new CollectingSink()

    new ObservedSource(source, rejecting).start(sink)
    await new Promise(setImmediate)

    expect(sink).toMatchObject({ outcome: 'failed', text: 'one', error: new Error('boom') })
    expect(source.cancelledWith).toEqual(new Error('boom'))
  })

  it('that is over does not fail any more', async () => {
    const sink = await readAll(new ObservedSource(new PushedSource(['one']), rejecting))
    await new Promise(setImmediate)

    expect(sink).toMatchObject({ outcome: 'ended', text: 'one' })
  })
})

describe('a body whose trailers are wanted', () => {
  it('tells them at its end', async () => {
    const told: unknown[] = []
    const trailers = new HeaderList(['a', '1'])
    const source = new PushedSource(['x'], 'end', { trailers })

    await readAll(new TrailerSource(source, (outcome) => told.push(outcome)))

    expect(told).toEqual([{ trailers }])
  })

  it('tells its failure', async () => {
    const told: unknown[] = []
    const source = new PushedSource(['x'], 'fail')

    await readAll(new TrailerSource(source, (outcome) => told.push(outcome)))

    expect(told).toEqual([{ error: new Error('the wire broke') }])
  })

  it('tells that nobody read it to its end', () => {
    const told: unknown[] = []
    const source = new PushedSource(['x'], 'open')
    const wanted = new TrailerSource(source, (outcome) => told.push(outcome))

    wanted.cancel()

    expect(told).toMatchObject([{ error: { code: 'GW_BODY_ABORTED' } }])
  })
})

describe('a body with trailers from elsewhere', () => {
  it('ends with them', async () => {
    const trailers = Promise.resolve(new HeaderList(['grpc-status', '0']))

    const sink = await readAll(new TrailingSource(new PushedSource(['x']), trailers))

    expect(sink.trailers?.get('grpc-status')).toBe('0')
  })

  it('fails if they do', async () => {
    const trailers = Promise.reject(new Error('reset'))

    const sink = await readAll(new TrailingSource(new PushedSource(['x']), trailers))

    expect(sink).toMatchObject({ outcome: 'failed', error: new Error('reset') })
  })

  it('does not end once nobody wants it', async () => {
    const trailers = Promise.withResolvers<HeaderList>()
    const source = new TrailingSource(new PushedSource(['x']), trailers.promise)
    const sink = new CollectingSink()
    source.start(sink)

    source.cancel()
    trailers.resolve(new HeaderList())
    await new Promise(setImmediate)

    expect(sink.outcome).toBe('pending')
  })
})

describe('a transformed body', () => {
  it('comes out of the transform with the trailers of the original', async () => {
    const trailers = new HeaderList(['a', '1'])
    const source = new PushedSource(['one ', 'two'], 'end', { trailers })

    const sink = await readAll(new TransformedSource(source, upperCase))

    expect(sink.text).toBe('ONE TWO')
    expect(sink.trailers?.get('a')).toBe('1')
  })

  it('makes the transform when it begins and not before', async () => {
    let made = 0
    const body = new TransformedSource(new PushedSource(['x']), () => {
      made++
      return new PassThrough()
    })
    expect(made).toBe(0)

    await readAll(body)

    expect(made).toBe(1)
  })

  it('makes the source wait while the transform is full', async () => {
    const source = new PushedSource(['1'.repeat(70_000), '2'.repeat(70_000), '3'])
    const body = new TransformedSource(source, () => new PassThrough())
    const sink = new CollectingSink(() => true)

    body.start(sink)
    await new Promise(setImmediate)
    expect(sink.bytes.length).toBeLessThanOrEqual(70_000)
    while (sink.outcome === 'pending') {
      if (sink.paused) sink.resume(body)
      await new Promise(setImmediate)
    }

    expect(sink.bytes.length).toBe(140_001)
    expect(sink.violations).toEqual([])
    expect(source.events).toContain('resume')
  })

  it.each<[string, () => Transform]>([
    ['cannot be made', () => raise()],
    [
      'fails',
      () => new Transform({ transform: (_chunk, _encoding, done) => done(new Error('boom')) }),
    ],
    ['is closed', () => closedByItself()],
  ])('fails when the transform %s, and gives the source up', async (_how, create) => {
    const source = new PushedSource(['x'], 'open')

    const sink = await readAll(new TransformedSource(source, create))

    expect(sink.outcome).toBe('failed')
    expect(source.cancelled).toBe(true)
  })

  it('fails with the source, and closes the transform', async () => {
    const transform = new PassThrough()
    const source = new PushedSource(['x'], 'fail')

    const sink = await readAll(new TransformedSource(source, () => transform))

    expect(sink).toMatchObject({ outcome: 'failed', error: new Error('the wire broke') })
    expect(transform.destroyed).toBe(true)
  })

  it('gives the source up when the transform ends early', async () => {
    const source = new PushedSource(['x'], 'open')
    const head = new Transform({
      transform(_chunk, _encoding, done) {
        this.push('head')
        this.push(null)
        done()
      },
    })

    const sink = await readAll(new TransformedSource(source, () => head))

    expect(sink).toMatchObject({ outcome: 'ended', text: 'head' })
    expect(source.cancelled).toBe(true)
  })

  it('gives source and transform up when nobody wants it', () => {
    const transform = new PassThrough()
    const source = new PushedSource(['x'], 'open')
    const body = new TransformedSource(source, () => transform)
    body.start(new CollectingSink())

    body.cancel(new Error('enough'))

    expect(source.cancelledWith).toEqual(new Error('enough'))
    expect(transform.destroyed).toBe(true)
  })
})

describe('any stack of stages', () => {
  it('passes the same bytes, whatever their chunks and the pauses', async () => {
    const stage = constantFrom(...(Object.keys(stages) as (keyof typeof stages)[]))
    await assert(
      asyncProperty(
        record({
          pieces: array(string({ maxLength: 9 }), { maxLength: 9 }),
          names: array(stage, { maxLength: 5 }),
          pauses: array(boolean(), { minLength: 1, maxLength: 6 }),
        }),
        async ({ pieces, names, pauses }) => {
          const trailers = new HeaderList(['a', '1'])
          const source = new PushedSource(pieces, 'end', { trailers })
          let next = 0
          const stacked = names.reduce<BodySource>((inner, name) => stages[name](inner), source)

          const sink = await readAll(stacked, () => pauses[next++ % pauses.length] ?? false)

          expect(sink).toMatchObject({ outcome: 'ended', violations: [] })
          expect(sink.bytes).toEqual(Buffer.concat(pieces.map((piece) => Buffer.from(piece))))
          expect(sink.trailers?.get('a')).toBe('1')
        },
      ),
      { numRuns: 150 },
    )
  })

  it('gives the source up once when nobody wants it', () => {
    for (const [name, wrap] of Object.entries(stages)) {
      if (name === 'replay') continue
      const source = new PushedSource(['x'], 'open')
      const body = wrap(source)
      body.start(new CollectingSink())

      body.cancel(new Error('enough'))

      expect(source.events, name).toEqual(['start', 'cancel'])
    }
  })
})

const stages = {
  limit: (source: BodySource) => new LimitedSource(source, 1000, tooLarge),
  observe: (source: BodySource) => new ObservedSource(source, () => undefined),
  trailer: (source: BodySource) => new TrailerSource(source, () => undefined),
  transform: (source: BodySource) => new TransformedSource(source, () => new PassThrough()),
  zip: (source: BodySource) =>
    new TransformedSource(new TransformedSource(source, createGzip), createGunzip),
  tee: (source: BodySource) => teeBody(source, 0)[0],
  replay: (source: BodySource) => new ReplayableBody(source, 4).replay(),
} as const

function tooLarge(): Error {
  return new Error('too large')
}

function upperCase(): Transform {
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, chunk.toString().toUpperCase()),
  })
}

function raise(): never {
  throw new Error('boom')
}

function closedByItself(): Transform {
  const transform = new PassThrough()
  setImmediate(() => transform.destroy())
  return transform
}

/** What the compiler takes for a function that returns nothing. */
// oxlint-disable-next-line typescript/no-misused-promises -- the very mistake.
const rejecting: () => void = () => Promise.reject(new Error('boom'))
