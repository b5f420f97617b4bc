import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, Example } from './start-example.ts'

let example: Example

beforeAll(async () => {
  example = await Example.start()
}, 30_000)
afterAll(() => example[Symbol.asyncDispose]())

describe('the shop that stays up', () => {
  it('keeps a client with a cookie at one server, and spreads the others', async () => {
    const visitors = await example.curl('/cart?[1-6]')
    const customer = await example.curl('/cart?[1-6]', '--cookie', '')

    expect(count(visitors)).toEqual({ A: 2, B: 2, C: 2 })
    expect(Object.values(count(customer))).toEqual([6])
  })

  it('has the new version do what changes nothing, too, and logs where it differs', async () => {
    const [before] = await example.tell('next', '/seen')
    await example.curl('/beta')
    const line = await example.line({ msg: 'the shadow answers differently' })
    await example.curl('/order', '--data', 'an apple')
    const [after] = await example.tell('next', '/seen')

    expect(line).toMatchObject({ service: 'shop', shadow: 'next', path: '/beta' })
    expect(Number(after?.body) - Number(before?.body)).toBe(1)
  })

  it('asks the same server for a picture each time', async () => {
    const same = await example.curl('/images/apple.png?[1-6]')
    const different = await example.curl('/images/[1-60].png')

    expect(Object.values(count(same))).toEqual([6])
    expect(Object.keys(count(different)).toSorted()).toEqual(['A', 'B', 'C'])
  })

  it('has each server make one report at a time, and the others wait', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => example.curl('/reports')))
    const statuses = answers.flat().map(({ status }) => status)
    const texts = answers.flat().map(({ body }) => body)

    expect(statuses).toEqual(Array(6).fill(200))
    expect(new Set(texts)).toEqual(new Set(['A made 1 at once\n', 'B made 1 at once\n']))
  })

  it('sends requests that a server fails to another one, and then no more to that one', async () => {
    const first = await example.curl('/api/unreliable?[1-40]')
    await example.line({ msg: 'server is unhealthy', check: 'passive' })
    const [before] = await example.tell('B', '/seen')
    const second = await example.curl('/api/unreliable?[1-20]')
    const [after] = await example.tell('B', '/seen')

    expect(new Set([...first, ...second].map(({ status }) => status))).toEqual(new Set([200]))
    expect(after?.body).toBe(before?.body)
  })
})

describe('the servers of the shop', () => {
  it('are done without while they are sick, and begin slowly once they are well', async () => {
    await example.tell('B', '/sick', '--request', 'PUT')
    await example.line({ msg: 'server is unhealthy', service: 'shop' })
    const without = await example.curl('/cart?[1-12]')
    await example.tell('B', '/well', '--request', 'PUT')
    await example.line({ msg: 'server is healthy', service: 'shop' })
    const again = await example.curl('/cart?[1-63]')

    expect(count(without)).toEqual({ A: 6, C: 6 })
    expect(count(again)['B']).toBeGreaterThan(0)
    expect(count(again)['B']).toBeLessThan(10)
  })

  it('leave requests to the one that stands by while none of them works', async () => {
    const names = ['A', 'B', 'C']
    for (const name of names) await example.tell(name, '/sick', '--request', 'PUT')
    for (const _ of names) await example.line({ msg: 'server is unhealthy', service: 'shop' })
    const meanwhile = await example.curl('/cart?[1-6]')
    for (const name of names) await example.tell(name, '/well', '--request', 'PUT')
    for (const _ of names) await example.line({ msg: 'server is healthy', service: 'shop' })
    const afterwards = await example.curl('/cart?[1-6]')

    expect(count(meanwhile)).toEqual({ standby: 6 })
    expect(count(afterwards)['standby']).toBeUndefined()
  })
})

/** How many answers each server gave. */
function count(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { body } of answers) {
    const [name = ''] = body.split(' ')
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
