import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  nat,
  record,
  string,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BodySource } from '../src/body.ts'
import { ReplayableBody, teeBody } from '../src/body-copies.ts'
import { CollectingSink, PushedSource, readAll } from './support/bodies.ts'

describe('any chunking and any pauses', () => {
  const pieces = array(string({ maxLength: 9 }), { maxLength: 12 })
  const pattern = array(boolean(), { minLength: 1, maxLength: 6 })

  it('leave both sides of a shared body the same bytes', async () => {
    await assertProperty(
      record({ pieces, first: pattern, second: pattern, startsLate: boolean() }),
      async ({ pieces: written, first, second, startsLate }) => {
        const source = new PushedSource(written)
        const [main, copy] = teeBody(source, 1000)
        const early = startsLate ? undefined : readAll(copy, cycle(second))
        const one = await readAll(main, cycle(first))
        const two = await (early ?? readAll(copy, cycle(second)))

        expect(one.bytes).toEqual(bytesOf(written))
        expect(two.bytes).toEqual(bytesOf(written))
        expect([...one.violations, ...two.violations]).toEqual([])
      },
    )
  })

  it('leave every try of a replayed body the same bytes', async () => {
    const attempt = record({ pauses: pattern, steps: nat(8), how: constantFrom('cancel', 'leave') })
    await assertProperty(
      record({ pieces, attempts: array(attempt, { maxLength: 4 }), pauses: pattern }),
      async ({ pieces: written, attempts, pauses }) => {
        const body = new ReplayableBody(new PushedSource(written), 1000)
        const former: CollectingSink[] = []
        for (const { pauses: own, steps, how } of attempts) {
          const replay = body.replay()
          const sink = readSome(replay, cycle(own), steps)
          if (how === 'cancel') replay.cancel()
          former.push(sink)
        }

        const last = await readAll(body.replay(), cycle(pauses))

        expect(last).toMatchObject({ outcome: 'ended', violations: [] })
        expect(last.bytes).toEqual(bytesOf(written))
        for (const sink of former) {
          expect(bytesOf(written).subarray(0, sink.bytes.length)).toEqual(sink.bytes)
        }
      },
    )
  })

  it('leave the first try its bytes, whatever the limit and whenever it is released', async () => {
    await assertProperty(
      record({ pieces, pauses: pattern, limit: integer({ min: 0, max: 60 }), release: nat(12) }),
      async ({ pieces: written, pauses, limit, release }) => {
        const body = new ReplayableBody(new PushedSource(written), limit)
        const pausing = cycle(pauses)
        let asked = 0
        const sink = await readAll(body.replay(), () => {
          if (asked++ === release) body.release()
          return pausing()
        })

        expect(sink).toMatchObject({ outcome: 'ended', violations: [] })
        expect(sink.bytes).toEqual(bytesOf(written))
      },
    )
  })
})

function readSome(source: BodySource, pauses: () => boolean, steps: number): CollectingSink {
  const sink = new CollectingSink(pauses)
  source.start(sink)
  for (let i = 0; i < steps && sink.paused; i++) sink.resume(source)
  return sink
}

function cycle(pattern: readonly boolean[]): () => boolean {
  let next = 0
  return () => pattern[next++ % pattern.length] ?? false
}

function bytesOf(pieces: readonly string[]): Buffer {
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece)))
}

async function assertProperty<T>(
  arbitrary: Arbitrary<T>,
  check: (value: T) => Promise<void>,
): Promise<void> {
  await assert(asyncProperty(arbitrary, check), { numRuns: 200 })
}
