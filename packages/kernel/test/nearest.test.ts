import { describe, expect, it } from 'vitest'
import { nearest } from '../src/nearest.ts'

describe('the nearest name', () => {
  it.each([
    ['strip-prefx', ['strip-prefix', 'retry'], 'strip-prefix'],
    ['adress', ['address', 'protocol'], 'address'],
    ['brst', ['burst', 'rate'], 'burst'],
    ['ratl', ['rate', 'retry'], 'rate'],
    ['jtw', ['jwt', 'cors'], 'jwt'],
    ['retyr', ['rate', 'retry'], 'retry'],
    ['', ['a'], undefined],
    ['x', ['y'], undefined],
    ['kubernetes', ['docker', 'file'], undefined],
    ['a', [], undefined],
  ])('is what was probably meant by %j', (name, candidates, expected) => {
    expect(nearest(name, candidates)).toBe(expected)
  })

  it('may be a third of a long name away', () => {
    expect(nearest('rate_limit_rdis', ['rate-limit-redis', 'retry'])).toBe('rate-limit-redis')
  })
})
