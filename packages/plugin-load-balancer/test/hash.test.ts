import { assert, nat, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashText, mixHash } from '../src/consistent-hash/hash.ts'

describe('the hash of a text', () => {
  it('is the same on every gateway and in every version', () => {
    expect(['', 'a', '192.0.2.1', 'grüße'].map((text) => hashText(text))).toEqual(known)
  })

  it('can be that of a part', () => {
    assert(
      property(string(), string(), string(), (before, part, after) => {
        const text = before + part + after
        const end = before.length + part.length

        expect(hashText(text, before.length, end)).toBe(hashText(part))
      }),
    )
  })

  it('spreads texts that differ at their end only', () => {
    const buckets = Array.from({ length: 16 }, () => 0)

    for (let i = 0; i < 16_000; i++) {
      const bucket = hashText(`http://10.0.0.1/${i}`) >>> 27
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
    }

    expect(Math.min(...buckets)).toBeGreaterThan(850)
    expect(Math.max(...buckets)).toBeLessThan(1150)
  })

  it('has 31 bits, mixed or not', () => {
    assert(
      property(string(), nat(), (text, number) => {
        for (const hash of [hashText(text), mixHash(number)]) {
          expect(hash).toBe(hash & 0x7fffffff)
        }
      }),
    )
  })
})

/** FNV-1a, then the last step of MurmurHash3, as another program calculates them, halved. */
const known = [1_436_499_461, 222_320_857, 970_648_356, 687_262_385]
