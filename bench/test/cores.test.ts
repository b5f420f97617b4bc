import { describe, expect, it } from 'vitest'
import { divideCores, parseCoreList } from '../src/process/cores.ts'

describe('parseCoreList', () => {
  it.each([
    { list: '0-1', cores: [0, 1] },
    { list: '0,2-4,7\n', cores: [0, 2, 3, 4, 7] },
    { list: '3', cores: [3] },
  ])('reads $list', ({ list, cores }) => {
    expect(parseCoreList(list)).toEqual(cores)
  })
})

describe('divideCores', () => {
  it('gives the proxy a core of its own', () => {
    expect(divideCores([0, 1])).toEqual({ proxy: '0', pair: undefined, rest: '1' })
    expect(divideCores([2, 4, 6])).toEqual({ proxy: '2', pair: undefined, rest: '4,6' })
  })

  it('can give it two where two are left', () => {
    expect(divideCores([0, 1, 2, 3])).toEqual({ proxy: '0', pair: '0,1', rest: '2,3' })
  })

  it('does not divide a single core', () => {
    expect(divideCores([0])).toBeUndefined()
  })
})
