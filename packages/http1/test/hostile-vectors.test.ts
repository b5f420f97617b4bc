import { describe, expect, it } from 'vitest'
import { byBytes, cuts, read, type Side, whole } from './drive.ts'
import { requestVectors } from './vectors/request-vectors.ts'
import { responseVectors } from './vectors/response-vectors.ts'

describe.each([
  ['request', requestVectors],
  ['response', responseVectors],
] as const)('hostile %s vectors', (side, vectors) => {
  it.each(vectors)('$name: $outcome', ({ bytes, outcome }) => {
    expect(read(side, whole(bytes)).outcome).toBe(outcome)
  })

  it.each(vectors)('$name: the same byte by byte', ({ bytes }) => {
    expect(read(side, byBytes(bytes))).toEqual(read(side, whole(bytes)))
  })

  it.each(vectors)('$name: the same wherever it is cut', ({ bytes }) => {
    expectSameForEveryCut(side, bytes)
  })
})

function expectSameForEveryCut(side: Side, bytes: string): void {
  const expected = JSON.stringify(read(side, whole(bytes)))
  // Long vectors differ in the length of one run only: their first and last cuts are enough.
  const all = cuts(bytes)
  const chosen = all.length > 1000 ? [...all.slice(0, 200), ...all.slice(-200)] : all
  for (const pieces of chosen) {
    const found = JSON.stringify(read(side, pieces))
    if (found !== expected) expect(`${pieces[0]?.length}: ${found}`).toBe(expected)
  }
}
