import { definePlugin } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { measureMiddlewares, passingCases, sectionCases } from '../src/micro/middlewares.ts'
import { mount } from '../src/micro/mounted.ts'

const short = { rounds: 2, requests: 5 }

describe('measureMiddlewares', () => {
  it('has a figure of the chain without middlewares, and one of each middleware', async () => {
    const results = await measureMiddlewares(passingCases, short)

    expect(results).toHaveLength(1 + passingCases.length)
    expect(results.filter(({ name }) => name.endsWith('not synchronous'))).toEqual([])
    expect(results[0]?.name).toBe('exchange without middlewares')
    expect(results.every(({ nanos }) => Number.isFinite(nanos))).toBe(true)
    for (const [i, { name }] of passingCases.entries()) {
      expect(results[i + 1]?.name).toContain(`middleware ${name}, beyond that`)
    }
  })

  it('has a figure of each section that tells of requests', async () => {
    const results = await measureMiddlewares(sectionCases, short)

    expect(results.map(({ name }) => name)).toEqual([
      'exchange without middlewares',
      ...sectionCases.map(({ name }) => `section ${name}, beyond that`),
    ])
  })

  it('marks those that let requests wait', async () => {
    const waiting = definePlugin({
      name: 'waiting',
      setup: (gateway) =>
        gateway.middlewares.register({
          type: 'waiting',
          schema: { type: 'object', additionalProperties: false, properties: {} },
          create: () => ({ onRequest: () => Promise.resolve() }),
        }),
    })
    const cases = [
      { name: 'waiting', block: { type: 'waiting' }, fields: [], plugins: [waiting] },
      { name: 'retry', block: { type: 'retry' }, fields: [] },
    ]

    const results = await measureMiddlewares(cases, short)

    expect(results.map(({ name }) => name)).toEqual([
      'exchange without middlewares',
      'middleware waiting, beyond that; not synchronous',
      'middleware retry, beyond that',
    ])
  })

  it('fails where a middleware lets nobody pass', async () => {
    const refusing = { name: 'refusing', block: { type: 'api-key', keys: ['k'] }, fields: [] }

    await expect(measureMiddlewares([refusing], short)).rejects.toThrow('refusing answered 401')
  })
})

describe('mount', () => {
  it('refuses options that a configuration must not have', async () => {
    await expect(mount({ type: 'rate-limit', rate: 0 })).rejects.toThrow(/rate/)
  })
})
