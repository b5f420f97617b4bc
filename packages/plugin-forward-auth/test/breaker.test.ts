import { describe, expect, it } from 'vitest'
import { Breaker } from '../src/breaker.ts'

describe('a breaker', () => {
  it('lets nobody ask after failures in a row, and then one at a time', () => {
    let now = 0
    const breaker = new Breaker(2, 1000, () => now)
    breaker.settle('failure')
    expect(breaker.tryAsk()).toBe(true)
    expect(breaker.settle('failure')).toBe(true)

    now = 999
    expect(breaker.tryAsk()).toBe(false)
    now = 1000
    expect([breaker.tryAsk(), breaker.tryAsk()]).toEqual([true, false])
  })

  it('rests again when the one that was let through fails', () => {
    let now = 0
    const breaker = new Breaker(1, 1000, () => now)
    breaker.settle('failure')
    now = 1000
    breaker.tryAsk()

    expect(breaker.settle('failure')).toBe(false)
    now = 1999
    expect(breaker.tryAsk()).toBe(false)
    now = 2000
    expect(breaker.tryAsk()).toBe(true)
  })

  it('lets all ask once there was an answer', () => {
    let now = 0
    const breaker = new Breaker(1, 1000, () => now)
    breaker.settle('failure')
    now = 1000
    breaker.tryAsk()

    breaker.settle('answer')

    expect([breaker.tryAsk(), breaker.tryAsk()]).toEqual([true, true])
  })

  it('lets the next one try when the client of the first one left', () => {
    let now = 0
    const breaker = new Breaker(1, 1000, () => now)
    breaker.settle('failure')
    now = 1000
    breaker.tryAsk()

    breaker.settle('neither')

    expect([breaker.tryAsk(), breaker.tryAsk()]).toEqual([true, false])
  })

  it('counts failures in a row only, and rests no longer for late ones', () => {
    let now = 0
    const breaker = new Breaker(2, 1000, () => now)
    breaker.settle('failure')
    breaker.settle('answer')
    breaker.settle('failure')
    expect(breaker.tryAsk()).toBe(true)
    breaker.settle('failure')

    now = 900
    breaker.settle('failure')

    now = 1000
    expect(breaker.tryAsk()).toBe(true)
  })

  it('is never given a rest if told so', () => {
    const breaker = new Breaker(0, 1000)
    for (let i = 0; i < 100; i++) breaker.settle('failure')

    expect(breaker.tryAsk()).toBe(true)
  })
})
