import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { readWorkerCount, readWorkerTimeout } from '../../src/workers/settings.ts'

describe('the number of workers', () => {
  it.each([
    [undefined, 1],
    [1, 1],
    [8, 8],
    ['8', 8],
    ['auto', availableParallelism()],
    [0, undefined],
    [-1, undefined],
    [1.5, undefined],
    [4096, undefined],
    ['many', undefined],
    [[2, 3], undefined],
  ])('of %j is %j', (workers, count) => {
    expect(readWorkerCount(workers === undefined ? {} : { workers })).toBe(count)
  })
})

describe('the timeout of workers', () => {
  it.each([
    [undefined, 10_000],
    ['2m', 120_000],
    [5, 5000],
    ['5', 5000],
    ['soon', undefined],
    ['0s', undefined],
    [{}, undefined],
  ])('of %j is %j ms', (timeout, ms) => {
    expect(readWorkerTimeout(timeout === undefined ? {} : { worker_timeout: timeout })).toBe(ms)
  })
})
