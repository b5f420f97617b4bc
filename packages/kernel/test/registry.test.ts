import { describe, expect, it } from 'vitest'
import { type PluginGateway, RegistryKey } from '../src/plugin.ts'
import { PluginRegistry } from '../src/registry.ts'
import { bareMiddleware, MemoryGateway, plainConfig, plugin } from './support/memory-gateway.ts'

interface Executor {
  readonly type: string
}

describe('a registry', () => {
  it('names both plugins that register one type', () => {
    let current = 'first'
    const registry = new PluginRegistry<Executor>('scale executor', () => current)
    registry.register({ type: 'box' })
    current = 'second'

    expect(() => registry.register({ type: 'box' })).toThrow(
      expect.objectContaining({
        code: 'GW_DUPLICATE_TYPE',
        message: 'scale executor "box" is registered by first and by second',
      }),
    )
    expect(registry.ownerOf('box')).toBe('first')
  })

  it('names the nearest type if there is one near', () => {
    const registry = registryOf('strip-prefix', 'retry')

    expect(() => registry.get('strip-prefx')).toThrow(
      expect.objectContaining({
        code: 'GW_UNKNOWN_TYPE',
        message: 'unknown middleware type "strip-prefx"; did you mean "strip-prefix"?',
      }),
    )
  })

  it('lists the types if none is near', () => {
    expect(() => registryOf('strip-prefix', 'retry').get('kubernetes')).toThrow(
      'unknown middleware type "kubernetes"; known: retry, strip-prefix',
    )
    expect(() => registryOf().get('x')).toThrow('unknown middleware type "x"; known: none')
  })

  it('gives what was registered', () => {
    const registry = registryOf('b', 'a')

    expect(registry.get('a')).toBe(registry.find('a'))
    expect(registry.find('c')).toBeUndefined()
    expect(registry.types()).toEqual(['a', 'b'])
    expect(registry.all().map(({ type }) => type)).toEqual(['b', 'a'])
  })

  it('is closed outside of set-ups', async () => {
    let kept: PluginGateway | undefined
    await using memory = new MemoryGateway([plugin('keeper', (gateway) => void (kept = gateway))])
    await memory.gateway.start(plainConfig())

    expect(() => kept?.middlewares.register(bareMiddleware('late', () => ({})))).toThrow(
      expect.objectContaining({
        code: 'GW_REGISTRY_CLOSED',
        message: expect.stringContaining('"late"'),
      }),
    )
  })

  it('may be added by a plugin and filled by another', async () => {
    const key = new RegistryKey<Executor>('scale executor')
    const sameNoun = new RegistryKey<Executor>('scale executor')
    const found: unknown[] = []
    await using memory = new MemoryGateway([
      plugin('filler', (gateway) => gateway.registry(key).register({ type: 'box' })),
      plugin('owner', (gateway) => {
        found.push(gateway.registry(key).types(), gateway.registry(sameNoun).types())
      }),
    ])
    await memory.gateway.start(plainConfig())

    expect(found).toEqual([['box'], []])
  })
})

function registryOf(...types: readonly string[]): PluginRegistry<Executor> {
  const registry = new PluginRegistry<Executor>('middleware type', () => 'plugin')
  for (const type of types) registry.register({ type })
  return registry
}
