import { describe, expect, it } from 'vitest'
import { readOptions } from '../src/options.ts'
import { scenarios } from '../src/scenarios/scenarios.ts'

describe('readOptions', () => {
  it('runs everything without options', () => {
    const options = readOptions([])

    expect(options).toMatchObject({ repetitions: 5, seconds: 2, warmUpSeconds: 3, micro: true })
    expect(options?.scenarios).toHaveLength(scenarios.length)
    expect(options?.candidates).toBeUndefined()
  })

  it('has a quick mode that can be widened', () => {
    expect(readOptions(['--quick'])).toMatchObject({ scenarios: ['A', 'B'], repetitions: 3 })
    expect(readOptions(['--quick', '--scenario', 'A', '--repetitions', '9'])).toMatchObject({
      scenarios: ['A'],
      repetitions: 9,
    })
  })

  it('takes lists', () => {
    expect(readOptions(['--scenario', 'A, B', '--candidate', 'nginx'])).toMatchObject({
      scenarios: ['A', 'B'],
      candidates: ['nginx'],
    })
  })

  it('measures parts only, if that is asked for', () => {
    expect(readOptions(['--micro'])).toMatchObject({ micro: true, load: false })
  })

  it('knows a wish for help', () => {
    expect(readOptions(['-h'])).toBeUndefined()
  })

  it.each([
    { args: ['--scenario', 'X'], problem: '--scenario: unknown "X"; known: A, ' },
    { args: ['--candidate', 'apache'], problem: '--candidate: unknown "apache"' },
    { args: ['--seconds', '0'], problem: '--seconds: expected an integer of at least 1' },
    { args: ['--repetitions', 'many'], problem: 'found "many"' },
    { args: ['--fast'], problem: '--fast' },
  ])('refuses $args', ({ args, problem }) => {
    expect(() => readOptions(args)).toThrow(problem)
  })
})
