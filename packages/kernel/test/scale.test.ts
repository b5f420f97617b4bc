import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it, vi } from 'vitest'
import type { GatewayConfigInput } from '../src/config.ts'
import type { Plugin } from '../src/plugin.ts'
import {
  bareMiddleware,
  type MemoryGateway,
  plainConfig,
  plugin,
  service,
  startMemory,
} from './support/memory-gateway.ts'

describe('a configuration of 1,000 routers and 1,000 services', () => {
  it('is served', async () => {
    const made: string[] = []
    await using memory = await startMemory(large(1000), [counting(made)])

    expect(memory.gateway.snapshot.routes).toHaveLength(1000)
    expect(memory.gateway.snapshot.services.size).toBe(1000)
    expect(made).toHaveLength(1000)
    expect(await memory.send({ target: '/r999/x' })).toMatchObject({ body: 's999 says hello' })
  })

  it('compiles as many schemas as one of ten', async () => {
    const compile = vi.spyOn(Ajv2020.prototype, 'compile')
    await using memory = await startMemory(large(10), [counting([])])
    compile.mockClear()

    await memory.reload(large(1000))
    await memory.reload(large(1000))

    expect(compile).toHaveBeenCalledTimes(0)
    compile.mockRestore()
  })

  it.each<[string, (count: number) => GatewayConfigInput]>([
    ['plain', large],
    ['with everything unknown', broken],
    ['with services in a chain', chained],
  ])('takes work in proportion to its size: %s', async (_what, make) => {
    await using memory = await startMemory({}, [counting([])])
    await scannedBy(memory, make(10))

    const small = await scannedBy(memory, make(100))
    const eightTimes = await scannedBy(memory, make(800))

    expect(eightTimes / small).toBeLessThan(12)
  })

  it('takes the same work again when it is applied again', async () => {
    await using memory = await startMemory(large(100), [counting([])])
    const first = await scanned(() => memory.reload(large(100)))
    for (let i = 0; i < 20; i++) await memory.reload(large(100))

    const later = await scanned(() => memory.reload(large(100)))

    expect(later / first).toBeLessThan(1.2)
  })
})

const searching = ['find', 'findIndex', 'includes', 'indexOf', 'filter', 'some', 'every'] as const

function scannedBy(memory: MemoryGateway, config: GatewayConfigInput): Promise<number> {
  return scanned(() => memory.gateway.validate(config))
}

/** How many elements of arrays are searched while something is done. */
async function scanned(act: () => Promise<unknown>): Promise<number> {
  let elements = 0
  const spies = searching.map((name) => {
    const original: (...args: never[]) => unknown = Array.prototype[name]
    return vi.spyOn(Array.prototype, name).mockImplementation(function (
      this: unknown[],
      ...args: unknown[]
    ) {
      elements += this.length
      return original.apply(this, args as never[]) as never
    })
  })
  try {
    await act()
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  return elements
}

function large(count: number): GatewayConfigInput {
  return plainConfig({
    routers: times(count, (i) => [
      `r${i}`,
      { rule: `/r${i}/`, service: `s${i}`, middlewares: [`m${i}`] },
    ]),
    services: times(count, (i) => [`s${i}`, service(`http://h${i}.test`)]),
    middlewares: times(count, (i) => [`m${i}`, { type: 'count' }]),
  })
}

function broken(count: number): GatewayConfigInput {
  return plainConfig({
    routers: times(count, (i) => [`r${i}`, { rule: '/', service: 'app', colour: 'red' }]),
    middlewares: times(count, (i) => [`m${i}`, { type: 'unknown' }]),
  })
}

function chained(count: number): GatewayConfigInput {
  return plainConfig({
    routers: { app: { rule: '/', service: 's0' } },
    services: times(count, (i) => [
      `s${i}`,
      { ...service(`http://h${i}.test`), ...(i + 1 < count && { mirror: { to: `s${i + 1}` } }) },
    ]),
  })
}

function times(
  count: number,
  make: (index: number) => [string, unknown],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => make(index)))
}

function counting(made: string[]): Plugin {
  return plugin('counting', ({ middlewares, serviceFeatures }) => {
    middlewares.register(
      bareMiddleware('count', ({ name }) => {
        made.push(name)
        return { onRequest: () => undefined }
      }),
    )
    serviceFeatures.register({
      type: 'mirror',
      parent: 'service',
      stage: 0,
      schema: {
        type: 'object',
        additionalProperties: false,
        properties: {
          to: { type: 'string', 'x-gatewright-ref': 'service', description: 'Where copies go.' },
        },
      },
      create: () => ({}),
    })
  })
}
