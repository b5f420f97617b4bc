import { describe, expect, it } from 'vitest'
import { definePlugin, type Plugin } from '../src/plugin.ts'
import { MemoryGateway, plainConfig, startMemory } from './support/memory-gateway.ts'
import { MemoryLoader } from './support/memory-loader.ts'

interface StampOptions {
  text: string
  every: number
}

describe('a plugin that the configuration lists', () => {
  it('gets the options of its block, with their units resolved once', async () => {
    const got: unknown[] = []
    const loader = new MemoryLoader({}, { './stamp.js': stamp(got) })
    await using memory = await startMemory(block({ text: 'x', every: '2s' }), [], { loader })

    expect(got).toEqual([{ text: 'x', every: 2000 }])
    expect(memory.gateway.snapshot.uses('stamp')).toBe(true)
  })

  it('is refused at its place in the configuration', async () => {
    const loader = new MemoryLoader({}, { './stamp.js': stamp([]) })
    await using memory = new MemoryGateway([], { loader })

    expect(await memory.gateway.validate(plainConfig(block({ every: 'soon' })))).toMatchObject([
      { path: ['plugins', 'label', 'config'], message: '"text" is required' },
      { path: ['plugins', 'label', 'config', 'every'], code: 'GW_CONFIG_DURATION' },
    ])
  })

  it('stays as it is over reloads with the same block', async () => {
    const got: unknown[] = []
    const loader = new MemoryLoader({}, { './stamp.js': stamp(got) })
    await using memory = await startMemory(block({ text: 'x' }), [], { loader })

    await memory.reload(plainConfig(block({ every: '10s', text: 'x' })))

    expect(got).toHaveLength(1)
  })

  it.each([
    ['options', block({ text: 'y' })],
    ['source', block({ text: 'x' }, './other.js')],
  ])('needs a restart for other %s', async (_what, changed) => {
    const loader = new MemoryLoader({}, { './stamp.js': stamp([]), './other.js': stamp([]) })
    await using memory = await startMemory(block({ text: 'x' }), [], { loader })

    await expect(memory.reload(plainConfig(changed))).rejects.toMatchObject({
      problems: [{ path: ['plugins', 'label', 'config'], code: 'GW_PLUGIN_NEEDS_RESTART' }],
    })
    expect(memory.gateway.snapshot.version).toBe(1)
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it('may be left out later and come back as it was', async () => {
    const got: unknown[] = []
    const loader = new MemoryLoader({}, { './stamp.js': stamp(got) })
    await using memory = await startMemory(block({ text: 'x' }), [], { loader })

    await memory.reload(plainConfig())
    expect(memory.gateway.snapshot.uses('stamp')).toBe(false)
    await memory.reload(plainConfig(block({ text: 'x' })))

    expect(memory.gateway.snapshot.uses('stamp')).toBe(true)
    expect(got).toHaveLength(1)
  })

  it('is set up after those that it names', async () => {
    const trace: string[] = []
    const listed = (name: string, ...after: string[]): Plugin => ({
      name,
      after,
      setup: () => void trace.push(name),
    })
    const loader = new MemoryLoader(
      {},
      { a: listed('a', 'b'), b: listed('b'), c: listed('c', 'a') },
    )
    const plugins = { c: { source: 'c' }, a: { source: 'a' }, b: { source: 'b' } }
    await using memory = await startMemory({ plugins }, [], { loader })

    expect(trace).toEqual(['b', 'a', 'c'])
    expect(memory.gateway.state).toBe('running')
  })

  it('is a problem if it waits for itself', async () => {
    const loader = new MemoryLoader(
      {},
      {
        a: { name: 'a', after: ['b'], setup: () => undefined },
        b: { name: 'b', after: ['a'], setup: () => undefined },
      },
    )
    await using memory = new MemoryGateway([], { loader })

    const plugins = { a: { source: 'a' }, b: { source: 'b' } }
    expect(await memory.gateway.validate(plainConfig({ plugins }))).toMatchObject([
      { path: ['plugins'], code: 'GW_PLUGIN_DEPENDENCY_CYCLE' },
    ])
  })

  it('is a problem if the loader fails', async () => {
    const loader = new MemoryLoader()
    loader.listed = () => {
      throw new Error('no such package')
    }
    await using memory = new MemoryGateway([], { loader })

    expect(await memory.gateway.validate(plainConfig(block()))).toMatchObject([
      { path: ['plugins'], message: 'no such package' },
    ])
  })

  it('leaves the block of the caller as it was', async () => {
    const loader = new MemoryLoader({}, { './stamp.js': stamp([]) })
    const config = plainConfig(block({ text: 'x' }))
    await using memory = new MemoryGateway([], { loader })

    await memory.gateway.start(config)

    expect(Object.isFrozen(memory.gateway.snapshot.config['plugins'])).toBe(true)
    expect(Object.isFrozen(config['plugins'])).toBe(false)
  })
})

function block(config?: unknown, source = './stamp.js'): Readonly<Record<string, unknown>> {
  return { plugins: { label: { source, config } } }
}

function stamp(got: unknown[]): Plugin<StampOptions> {
  return definePlugin<StampOptions>({
    name: 'stamp',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['text'],
      properties: {
        text: { type: 'string', description: 'What to say.' },
        every: { duration: true, default: '10s', description: 'How often.' },
      },
    },
    setup: (_gateway, options) => void got.push(options),
  })
}
