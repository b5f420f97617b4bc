import { describe, expect, it } from 'vitest'
import { MeterTable } from '../src/meter/meter-table.ts'
import { TokenBucket } from '../src/meter/token-bucket.ts'

describe('a table of meters', () => {
  it('keeps the keys apart', () => {
    const table = onePerSecond(10)

    expect(table.take('a', 0, 1).allowed).toBe(true)
    expect(table.take('b', 0, 1).allowed).toBe(true)
    expect(table.take('a', 0, 1).allowed).toBe(false)
  })

  it('stays within its bound under a flood of keys, and says what it gave up', () => {
    const table = onePerSecond(100)

    for (let i = 0; i < 10_000; i++) table.take(`key-${i}`, 0, 1)

    expect(table.size).toBe(100)
    expect(table.lost).toBe(9900)
  })

  it('gives up what was not used for longest', () => {
    const table = onePerSecond(2)
    table.take('old', 0, 1)
    table.take('busy', 0, 1)
    table.take('old', 0, 1)
    table.take('new', 0, 1)

    expect(table.take('old', 0, 1).allowed).toBe(false)
    expect(table.take('busy', 0, 1).allowed).toBe(true)
  })

  it('shrinks again once keys are idle', () => {
    const table = onePerSecond(1000)
    for (let i = 0; i < 1000; i++) table.take(`key-${i}`, 0, 1)

    for (let i = 0; i < 990; i++) table.take(`later-${i}`, 12_000 + i * 2000, 1)

    expect(table.size).toBeLessThan(20)
    expect(table.lost).toBe(0)
  })
})

function onePerSecond(maxKeys: number): MeterTable {
  return new MeterTable(
    maxKeys,
    (now) => new TokenBucket({ capacity: 1, tokensPerMs: 1 / 1000 }, now),
  )
}
