import { type BodySink, type BodySource, HeaderList } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { BodyCollector, type Collected } from '../src/collected-body.ts'

describe('a collected body', () => {
  it('is the bytes that went by, although their buffer is used again', () => {
    const { source, results } = collect(100)
    const shared = Buffer.from('..one..')

    source.sink?.write(shared, 2, 5)
    shared.write('..two..')
    source.sink?.write(shared, 2, 5)
    source.sink?.end(undefined)

    const sink = new Sink()
    const body = bodyOf(results)
    expect(body.length).toBe(6)
    body.start(sink)
    expect(sink.seen).toEqual(['one', 'two', 'end'])
  })

  it('comes at the pace of whoever takes it', () => {
    const { source, results } = collect(100)
    for (const piece of ['a', 'b', 'c']) source.push(piece)
    source.sink?.end(undefined)
    const sink = new Sink(false)
    const body = bodyOf(results)

    body.start(sink)
    expect(sink.seen).toEqual(['a'])
    body.resume()
    expect(sink.seen).toEqual(['a', 'b'])
    body.resume()
    body.resume()

    expect(sink.seen).toEqual(['a', 'b', 'c', 'end'])
  })

  it('is of unknown length if trailers follow it', () => {
    const { source, results } = collect(100)
    source.push('a')
    source.sink?.end(new HeaderList(['x-sum', '1']))
    const sink = new Sink()
    const body = bodyOf(results)

    body.start(sink)

    expect(body.length).toBeUndefined()
    expect(sink.seen).toEqual(['a', 'end x-sum'])
  })

  it('says nothing more once nobody wants it', () => {
    const { source, results } = collect(100)
    source.push('a')
    source.push('b')
    source.sink?.end(undefined)
    const sink = new Sink(false)
    const body = bodyOf(results)

    body.start(sink)
    body.cancel()
    body.resume()

    expect(sink.seen).toEqual(['a'])
  })
})

describe('collecting', () => {
  it('ends with the byte above the limit, and wants no more', () => {
    const { source, results } = collect(5)

    expect(source.push('12345')).toBe(true)
    expect(source.push('6')).toBe(false)

    expect(results).toEqual(['too-large'])
    expect(source.cancelled).toBe(true)
  })

  it('ends with the body, if that breaks off', () => {
    const { source, results } = collect(5)
    source.push('12')

    source.sink?.fail(new Error('gone'))

    expect(results).toEqual(['broken-off'])
  })
})

class Source implements BodySource {
  readonly length = undefined
  sink: BodySink | undefined = undefined
  cancelled = false

  start(sink: BodySink): void {
    this.sink = sink
  }

  resume(): void {}

  cancel(): void {
    this.cancelled = true
  }

  push(text: string): boolean | undefined {
    return this.sink?.write(Buffer.from(text), 0, text.length)
  }
}

class Sink implements BodySink {
  readonly seen: string[] = []
  readonly #more: boolean

  constructor(more: boolean = true) {
    this.#more = more
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.seen.push(Buffer.from(bytes.subarray(start, end)).toString())
    return this.#more
  }

  end(trailers: HeaderList | undefined): void {
    this.seen.push(['end', ...(trailers ?? [])].map((part) => [part].flat()[0]).join(' '))
  }

  fail(): void {
    this.seen.push('fail')
  }
}

function collect(maxBytes: number): { source: Source; results: Parameters<Collected>[0][] } {
  const source = new Source()
  const results: Parameters<Collected>[0][] = []
  new BodyCollector(source, maxBytes, (result) => results.push(result)).start()
  return { source, results }
}

function bodyOf([result]: readonly Parameters<Collected>[0][]): BodySource {
  if (typeof result === 'object') return result
  throw new Error(`no body: ${result}`)
}
