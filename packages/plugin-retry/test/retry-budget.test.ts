import { array, assert, integer, nat, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RetryBudget } from '../src/retry-budget.ts'

describe('retry budget', () => {
  it('allows ten retries within ten seconds without any traffic', () => {
    const budget = new RetryBudget(20)

    expect(taken(budget, 5000, 20)).toBe(10)
  })

  it('allows its percentage of the requests on top', () => {
    const budget = new RetryBudget(20)
    for (let i = 0; i < 100; i++) budget.countRequest(5000)

    expect(taken(budget, 5000, 100)).toBe(30)
  })

  it('allows new retries once the old ones are ten seconds ago', () => {
    const budget = new RetryBudget(0)
    taken(budget, 1000, 10)

    expect([taken(budget, 10_999, 20), taken(budget, 11_000, 20)]).toEqual([0, 10])
  })

  it('forgets requests that are ten seconds ago', () => {
    const budget = new RetryBudget(100)
    for (let i = 0; i < 50; i++) budget.countRequest(1000)

    expect(taken(budget, 11_000, 100)).toBe(10)
  })

  it('forgets everything after a long silence', () => {
    const budget = new RetryBudget(0)
    taken(budget, 1000, 10)

    expect(taken(budget, 10_000_000, 20)).toBe(10)
  })

  it('never lets more pass in a window than the window allows', () => {
    const event = record({ after: nat(3000), requests: nat(20), wanted: nat(20) })
    assert(
      property(integer({ min: 0, max: 300 }), array(event), (percent, events) => {
        const budget = new RetryBudget(percent)
        const passed: { readonly at: number; readonly requests: number; readonly count: number }[] =
          []
        let now = 0

        for (const { after, requests, wanted } of events) {
          now += after
          for (let i = 0; i < requests; i++) budget.countRequest(now)
          passed.push({ at: now, requests, count: taken(budget, now, wanted) })
        }

        const window = passed.filter(
          ({ at }) => Math.floor(at / 1000) > Math.floor(now / 1000) - 10,
        )
        const retries = sum(window.map(({ count }) => count))
        // Requests that have left the window since may have paid for retries that have not.
        const requests = sum(passed.map((entry) => entry.requests))
        expect(retries).toBeLessThanOrEqual(10 + (requests * percent) / 100)
      }),
    )
  })
})

/** How many of the wanted retries the budget allows. */
function taken(budget: RetryBudget, now: number, wanted: number): number {
  return Array.from({ length: wanted }, () => budget.tryTake(now)).filter(Boolean).length
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
