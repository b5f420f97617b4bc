import type { BodySink, HeaderList } from '@gatewright/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BodyDecoder,
  ChunkedBodyDecoder,
  LengthDecoder,
  UntilCloseDecoder,
} from '../src/body-decoder.ts'
import { defaultLimits } from '../src/index.ts'
import { type BodyHost, ReceivedBody } from '../src/received-body.ts'

const text = 'The quick brown fox jumps over the lazy dog.'
const rest = 'GET /next'

const forms: readonly (readonly [string, () => BodyDecoder, string])[] = [
  ['with a length', () => new LengthDecoder(text.length), text],
  ['in chunks', () => new ChunkedBodyDecoder(defaultLimits), chunked(text)],
  ['until the end', () => new UntilCloseDecoder(), text],
]

describe.each(forms)('a body %s', (_name, makeDecoder, bytes) => {
  const follows = makeDecoder().endsWithConnection ? '' : rest

  it('arrives whole, whenever it is taken, paused and closed, however it is split', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }),
        fc.integer({ min: 0, max: 10 }),
        fc.array(fc.boolean(), { minLength: 1 }),
        fc.boolean(),
        (sizes, startsAt, readiness, closesEarly) => {
          const host = new Host()
          const body = new ReceivedBody(makeDecoder(), host)
          const sink = new Sink(readiness)
          const pieces = split(Buffer.from(bytes + follows), sizes)

          pieces.forEach((piece, index) => {
            if (index === startsAt) body.start(sink)
            // A wire that is asked to pause reads no more.
            while (host.paused && sink.paused) sink.resume(body)
            host.unread.push(piece)
            if (host.ended) return
            body.offer(piece, 0, piece.length)
            body.keep()
            piece.fill('!')
          })
          if (closesEarly) body.close(new Error('closed'), false)
          if (startsAt >= pieces.length) body.start(sink)
          while (sink.paused) sink.resume(body)
          body.close(new Error('closed'), false)

          expect(sink.text).toBe(text)
          expect(sink.outcome).toBe('end')
          expect(host.paused).toBe(false)
        },
      ),
    )
  })

  it('that is cut fails, after everything that arrived', () => {
    if (makeDecoder().endsWithConnection) return
    const host = new Host()
    const body = new ReceivedBody(makeDecoder(), host)
    const sink = new Sink([false])
    const cut = Buffer.from(bytes.slice(0, 20))

    body.start(sink)
    for (const byte of cut) {
      body.offer(Buffer.of(byte), 0, 1)
      body.keep()
    }
    body.close(new Error('cut'), false)
    while (sink.paused) sink.resume(body)

    expect(text.startsWith(sink.text)).toBe(true)
    expect(sink.text.length).toBeGreaterThan(5)
    expect(sink.outcome).toBe('fail cut')
  })

  it('that failed before anybody took it fails whoever takes it', () => {
    const body = new ReceivedBody(makeDecoder(), new Host())
    const sink = new Sink([true])

    body.fail(new Error('early'))
    body.start(sink)

    expect(sink.outcome).toBe('fail early')
  })
})

describe('a body that ends with its connection', () => {
  it.each([true, false])('fails if that is lost, whether it was taken first: %s', (taken) => {
    const body = new ReceivedBody(new UntilCloseDecoder(), new Host())
    const sink = new Sink([true])

    if (taken) body.start(sink)
    body.offer(Buffer.from('half'), 0, 4)
    body.keep()
    body.close(new Error('lost'), true)
    if (!taken) body.start(sink)

    expect([sink.text, sink.outcome]).toEqual(['half', 'fail lost'])
  })
})

describe('a body that nobody wants', () => {
  it('is thrown away up to a bound', () => {
    const host = new Host()
    const body = new ReceivedBody(new LengthDecoder(100), host)

    body.discard(60)
    body.offer(Buffer.alloc(60), 0, 60)
    expect(host.events).toEqual([])
    body.offer(Buffer.alloc(1), 0, 1)

    expect(host.events).toEqual(['given up'])
    expect(body.done).toBe(true)
  })

  it('is thrown away to its end if the host says so, and what follows is found', () => {
    const host = new Host(1000)
    const body = new ReceivedBody(new LengthDecoder(4), host)
    const sink = new Sink([true])

    body.start(sink)
    body.offer(Buffer.from('ab'), 0, 2)
    body.cancel()
    body.offer(Buffer.from('cdGET'), 0, 5)

    expect(sink.text).toBe('ab')
    expect(sink.outcome).toBe('')
    expect(host.events).toEqual(['cancelled', 'ended GET'])
  })

  it('may be cancelled by its sink while that takes bytes', () => {
    const host = new Host(1000)
    const body = new ReceivedBody(new ChunkedBodyDecoder(defaultLimits), host)
    const sink = new Sink([true])
    sink.onWrite = () => body.cancel()

    body.start(sink)
    const bytes = Buffer.from(`${chunked('abcdef')}GET`)
    body.offer(bytes, 0, bytes.length)

    expect(sink.text).toBe('abc')
    expect(host.events).toEqual(['cancelled', 'ended GET'])
  })
})

describe('a body that nobody takes yet', () => {
  it('stops the wire once enough of it is kept', () => {
    const host = new Host()
    const body = new ReceivedBody(new LengthDecoder(1_000_000), host)

    body.offer(Buffer.alloc(60_000), 0, 60_000)
    body.keep()
    expect(host.paused).toBe(false)
    body.offer(Buffer.alloc(10_000), 0, 10_000)
    body.keep()

    expect(host.paused).toBe(true)
    body.start(new Sink([true]))
    expect(host.paused).toBe(false)
  })
})

class Host implements BodyHost {
  readonly events: string[] = []
  readonly unread: Buffer[] = []
  paused = false
  ended = false
  readonly #discardable: number

  constructor(discardable: number = 0) {
    this.#discardable = discardable
  }

  onBodyStarted(): void {
    // Nothing depends on it here.
  }

  onBodyPaused(paused: boolean): void {
    this.paused = paused
  }

  onBodyEnded(buf: Buffer, start: number, end: number): void {
    this.ended = true
    this.events.push(`ended ${buf.toString('latin1', start, end)}`)
  }

  onBodyFault(fault: number): void {
    this.events.push(`fault ${fault}`)
  }

  onBodyCancelled(): number {
    this.events.push('cancelled')
    return this.#discardable
  }

  onBodyGivenUp(): void {
    this.events.push('given up')
  }
}

class Sink implements BodySink {
  text = ''
  outcome = ''
  paused = false
  onWrite: () => void = () => undefined
  readonly #readiness: readonly boolean[]
  #writes = 0

  /** @param readiness Whether each write leaves room for more; begins anew at its end. */
  constructor(readiness: readonly boolean[]) {
    this.#readiness = readiness
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.text += Buffer.from(bytes.subarray(start, end)).toString('latin1')
    this.onWrite()
    // More may come within one call after a write that left no room.
    if (this.#readiness[this.#writes++ % this.#readiness.length] === false) this.paused = true
    return !this.paused
  }

  end(_trailers: HeaderList | undefined): void {
    this.outcome += 'end'
  }

  fail(error: unknown): void {
    this.outcome += `fail ${error instanceof Error ? error.message : ''}`
  }

  resume(body: ReceivedBody): void {
    this.paused = false
    body.resume()
  }
}

function chunked(content: string): string {
  const pieces = content.match(/.{1,3}/gs) ?? []
  return `${pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('')}0\r\n\r\n`
}

function split(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1
    pieces.push(Buffer.from(bytes.subarray(at, at + size)))
    at += size
  }
  return pieces
}
