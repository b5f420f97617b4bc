import { describe, expect, it } from 'vitest'
import { type BodySink, BytesSource, sourceOf } from '../src/body.ts'
import { ReplayableSource } from '../src/body-copies.ts'

describe('a body that is sent again', () => {
  it('is whole although no further try is expected while its consumer still waits', () => {
    const body = new ReplayableSource(
      sourceOf(new Uint8Array([1, 2, 3])) ?? new BytesSource(new Uint8Array()),
      100,
    )
    body.start(new Collector(true))
    const second = new Collector(false)
    body.start(second)
    expect(second.ended).toBe(false)

    body.release()
    body.resume()

    expect(second.bytes).toEqual([1, 2, 3])
    expect(second.ended).toBe(true)
  })
})

/** A consumer that takes what it gets, and says whether it is ready for more. */
class Collector implements BodySink {
  readonly bytes: number[] = []
  ended = false
  readonly #ready: boolean

  constructor(ready: boolean) {
    this.#ready = ready
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes.push(...bytes.subarray(start, end))
    return this.#ready
  }

  end(): void {
    this.ended = true
  }

  fail(error: unknown): void {
    throw error
  }
}
