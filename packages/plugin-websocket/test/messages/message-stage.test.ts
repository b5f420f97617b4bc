import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Peer } from '../../src/index.ts'
import { frameOf, Opcode } from '../../src/messages/frame.ts'
import { passThrough, understood } from './direction.ts'

const runs = process.env['GATEWRIGHT_LONG'] === '1' ? 20_000 : 500
const timeout = 3_600_000

/** A message in fragments, a ping, or a pong. */
const spoken = fc.oneof(
  fc.record({
    opcode: fc.constantFrom(Opcode.text, Opcode.binary),
    parts: fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), {
      minLength: 1,
      maxLength: 4,
    }),
    pinged: fc.boolean(),
  }),
  fc.record({
    opcode: fc.constantFrom(Opcode.ping, Opcode.pong),
    parts: fc.tuple(fc.string({ maxLength: 125 })),
    pinged: fc.constant(false),
  }),
)
const talk = fc.record({
  from: fc.constantFrom<Peer>('client', 'server'),
  spoken: fc.array(spoken, { minLength: 1, maxLength: 6 }),
  cuts: fc.array(fc.nat(), { maxLength: 12 }),
  pauses: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
})

type Spoken = typeof spoken extends fc.Arbitrary<infer T> ? T : never

describe('any messages, in any pieces and with any pauses', () => {
  it('pass as they are', { timeout }, () => {
    check(talk, ({ from, spoken: said, cuts, pauses }) => {
      const bytes = bytesOf(said, from)
      const kinds: string[] = []
      const onStart = ({ kind }: { kind: string }): void => void kinds.push(kind)

      const passed = passThrough(cut(bytes, cuts), {
        from,
        watcher: { onStart },
        pauses: cycle(pauses),
      })

      expect(passed).toEqual({ bytes, closed: undefined, violations: [], ended: true })
      expect(kinds).toHaveLength(said.filter(({ opcode }) => opcode < Opcode.close).length)
    })
  })

  it('mean the same when they are held until they are complete', { timeout }, () => {
    check(talk, ({ from, spoken: said, cuts, pauses }) => {
      const bytes = bytesOf(said, from)
      const contents: string[] = []

      const passed = passThrough(cut(bytes, cuts), {
        from,
        content: true,
        watcher: { onMessage: ({ data }) => void contents.push(data.toString()) },
        pauses: cycle(pauses),
      })

      expect(passed).toMatchObject({ closed: undefined, violations: [], ended: true })
      const heard = understood(passed.bytes, from)
      expect(heard.error).toBeUndefined()
      // Pings overtake the message that is held.
      expect(heard.messages.toSorted()).toEqual(understood(bytes, from).messages.toSorted())
      const messages = said.filter(({ opcode }) => opcode < Opcode.close)
      expect(contents).toEqual(messages.map(({ parts }) => parts.join('')))
    })
  })

  it('leave the others alone when some are dropped', { timeout }, () => {
    check(fc.tuple(talk, fc.boolean()), ([{ from, spoken: said, cuts, pauses }, content]) => {
      const passed = passThrough(cut(bytesOf(said, from), cuts), {
        from,
        content,
        watcher: { onStart: ({ kind }) => (kind === 'text' ? { drop: true } : undefined) },
        pauses: cycle(pauses),
      })

      expect(passed).toMatchObject({ closed: undefined, violations: [], ended: true })
      // The pings within a message that is dropped belong to nobody.
      const { messages, error } = understood(passed.bytes, from)
      const expected = understood(bytesOf(said, from), from).messages
      expect(error).toBeUndefined()
      const kept = expected.filter((message) => !message.startsWith('false '))
      expect(messages.toSorted()).toEqual(kept.toSorted())
    })
  })

  it('end between two frames when there is too much of one', { timeout }, () => {
    const bounded = fc.tuple(talk, fc.nat(400), fc.boolean())
    check(bounded, ([{ from, spoken: said, cuts, pauses }, maxBytes, content]) => {
      const bytes = bytesOf(said, from)
      const sizes = said
        .filter(({ opcode }) => opcode < Opcode.close)
        .map(({ parts }) => Buffer.byteLength(parts.join('')))

      const passed = passThrough(cut(bytes, cuts), {
        from,
        maxBytes,
        content,
        pauses: cycle(pauses),
      })

      const isTooBig = sizes.some((size) => size > maxBytes)
      expect(passed.closed).toBe(isTooBig ? '1009 message too big' : undefined)
      expect(passed).toMatchObject({ violations: [], ended: true })
      expect(understood(passed.bytes, from).error).toBeUndefined()
    })
  })
})

describe('messages of which some bytes are wrong', () => {
  it('pass as far as a peer reads them, and no further', { timeout }, () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255) })
    const changed = fc.tuple(talk, fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean())
    let refused = 0
    check(changed, ([{ from, spoken: said, cuts }, changes, content]) => {
      const bytes = bytesOf(said, from)
      for (const { at, byte } of changes) bytes[at % Math.min(bytes.length, 40)] = byte

      const passed = passThrough(cut(bytes, cuts), { from, content })

      const peer = understood(bytes, from)
      const reader = understood(passed.bytes, from)
      expect(passed.violations).toEqual([])
      // Texts that pass unseen are for the peer to judge.
      if (content) expect(reader.error).toBeUndefined()
      else expect(reader.error ?? 'invalid UTF-8').toContain('invalid UTF-8')
      if (passed.closed === undefined) {
        expect(reader.messages.toSorted()).toEqual(peer.messages.toSorted())
        return
      }
      refused++
      // The library takes lengths that are not minimal.
      if (peer.error === undefined) expect(passed.closed).toMatch(/not minimal/)
    })

    expect(refused).toBeGreaterThan(runs / 10)
  })
})

function check<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, property), { numRuns: runs, seed: 7 })
}

function bytesOf(said: readonly Spoken[], from: Peer): Buffer {
  const masked = from === 'client'
  const ping = frameOf({ opcode: Opcode.ping, payload: Buffer.from('?'), masked })
  const frames = said.flatMap(({ opcode, parts, pinged }) =>
    parts.flatMap((part, i) => {
      const final = i === parts.length - 1
      const kind = i === 0 ? opcode : Opcode.continuation
      const frame = frameOf({ opcode: kind, payload: Buffer.from(part), masked, final })
      return pinged && !final ? [frame, ping] : [frame]
    }),
  )
  return Buffer.concat(frames)
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = cuts.map((at) => at % (bytes.length + 1)).toSorted((a, b) => a - b)
  const ends = [...places, bytes.length]
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
}

function cycle(pauses: readonly boolean[]): () => boolean {
  let next = 0
  return () => pauses[next++ % pauses.length] ?? false
}
