import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Plugin } from '../src/plugin.ts'
import type { SectionKey } from '../src/snapshot.ts'
import { MemoryGateway, plainConfig, plugin, startMemory } from './support/memory-gateway.ts'
import { MemoryLoader } from './support/memory-loader.ts'

interface Options {
  text: string
  every: number
}

interface Made {
  readonly options: Options
  readonly name: string
}

describe('a section of a plugin', () => {
  it('is made once per configuration and found by its key', async () => {
    const keys: SectionKey<Made>[] = []
    await using memory = await startMemory({ notes: { text: 'x' } }, [notes(keys, false)])
    const [key] = keys
    if (key === undefined) expect.fail()

    const first = memory.gateway.snapshot.get(key)
    expectTypeOf(first).toEqualTypeOf<Made | undefined>()
    expect(first).toEqual({ options: { text: 'x', every: 1000 }, name: 'notes' })
    expect(memory.gateway.snapshot.config['notes']).toEqual({ text: 'x', every: 1000 })
    await memory.reload(plainConfig({ notes: { text: 'y' } }))

    expect(memory.gateway.snapshot.get(key)?.options.text).toBe('y')
  })

  it('is not there without its block', async () => {
    const keys: SectionKey<Made>[] = []
    await using memory = await startMemory({}, [notes(keys, false)])
    const [key] = keys
    if (key === undefined) expect.fail()

    expect(memory.gateway.snapshot.get(key)).toBeUndefined()
  })

  it('has one instance for each label', async () => {
    const keys: SectionKey<Made>[] = []
    await using memory = await startMemory({ notes: { a: { text: 'x' }, b: { text: 'y' } } }, [
      notes(keys, true),
    ])
    const [key] = keys
    if (key === undefined) expect.fail()
    const { snapshot } = memory.gateway

    expect(snapshot.get(key, 'a')).toMatchObject({ name: 'a', options: { text: 'x' } })
    expect(snapshot.get(key, 'b')).toMatchObject({ name: 'b', options: { text: 'y' } })
    expect([snapshot.get(key), snapshot.get(key, 'c')]).toEqual([undefined, undefined])
  })

  it('is what an old exchange still sees after a reload', async () => {
    const keys: SectionKey<Made>[] = []
    const seen: unknown[] = []
    const reader = plugin('reader', ({ hooks }) =>
      hooks.finish.tap('reader', ({ snapshot }) => {
        for (const key of keys) seen.push(snapshot.get(key)?.options.text)
      }),
    )
    await using memory = await startMemory({ notes: { text: 'old' } }, [notes(keys, false), reader])
    const exchange = memory.web.open()
    await exchange.answer

    await memory.reload(plainConfig({ notes: { text: 'new' } }))
    await exchange.read()
    await memory.send()

    expect(seen).toEqual(['old', 'new'])
  })

  it.each([
    [{ notes: { txt: 'x' } }, [['notes', 'txt']]],
    [{ notes: { colour: 'x' } }, [['notes'], ['notes', 'colour']]],
    [{ notes: 'x' }, [['notes']]],
    [{ notez: { text: 'x' } }, [['notez']]],
  ])('is a problem if it is not as it should be: %j', async (config, paths) => {
    await using memory = new MemoryGateway([notes([], false)])

    const problems = await memory.gateway.validate(plainConfig(config))

    expect(problems.map(({ path }) => path)).toEqual(paths)
  })

  it('needs labels if it has them', async () => {
    await using memory = new MemoryGateway([notes([], true)])

    expect(await memory.gateway.validate(plainConfig({ notes: 'x' }))).toMatchObject([
      { path: ['notes'], code: 'GW_CONFIG_LABEL', message: 'a "notes" block needs a label' },
    ])
  })

  it('that takes no label is told so, and only that', async () => {
    await using memory = new MemoryGateway([notes([], false)])
    const message = '"notes" takes no label, and has no block "x"'
    const label = [{ path: ['notes'], code: 'GW_CONFIG_LABEL', message }]

    for (const given of [{ x: { text: 'a' } }, { x: [{ text: 'a' }], y: [{ text: 'b' }] }]) {
      expect(await memory.gateway.validate(plainConfig({ notes: given }))).toMatchObject(label)
    }
    expect(await memory.gateway.validate(plainConfig({ notes: { txt: {} } }))).toHaveLength(1)
    expect(
      await memory.gateway.validate(plainConfig({ notes: { text: 'a', x: {} } })),
    ).toMatchObject([{ code: 'GW_CONFIG_UNKNOWN_KEY' }])
  })

  it('may be a single value', async () => {
    const keys: SectionKey<string>[] = []
    const pace = plugin('pace', (gateway) => {
      keys.push(
        gateway.section<'slow' | 'quick', string>({
          type: 'pace',
          labelled: false,
          schema: { type: 'string', enum: ['slow', 'quick'], description: 'How it goes.' },
          create: (value) => `it goes ${value}`,
        }),
      )
    })
    await using memory = await startMemory({ pace: 'quick' }, [pace])
    const [key] = keys
    if (key === undefined) expect.fail()

    expect(memory.gateway.snapshot.get(key)).toBe('it goes quick')
    expect(memory.gateway.snapshot.config['pace']).toBe('quick')
    expect(await memory.gateway.validate(plainConfig({ pace: 'qick' }))).toMatchObject([
      { path: ['pace'], suggestion: 'quick' },
    ])
    expect(await memory.gateway.validate(plainConfig({ pace: {} }))).toMatchObject([
      { path: ['pace'], code: 'GW_CONFIG_TYPE', message: 'expected a string, found a block' },
      { path: ['pace'], code: 'GW_CONFIG_VALUE' },
    ])
  })

  it('loads the plugin that has it', async () => {
    const loader = new MemoryLoader({ 'section notes': notes([], false) })
    await using memory = await startMemory({ notes: { text: 'x' } }, [], { loader })

    expect(memory.gateway.snapshot.uses('notes')).toBe(true)
  })

  it('is one problem if its plugin cannot be loaded', async () => {
    const broken = plugin('broken', () => {
      throw new Error('boom')
    })
    const loader = new MemoryLoader({ 'section notes': broken })
    await using memory = new MemoryGateway([], { loader })

    expect(await memory.gateway.validate(plainConfig({ notes: {} }))).toMatchObject([
      { path: ['notes'], code: 'GW_PLUGIN_SETUP_FAILED' },
    ])
  })
})

describe('a key at top level', () => {
  it('that nobody knows is named with those that are known', async () => {
    await using memory = new MemoryGateway([notes([], false)])

    expect(await memory.gateway.validate(plainConfig({ colour: 1, rooters: {} }))).toMatchObject([
      {
        path: ['colour'],
        message:
          'unknown key "colour"; known: entrypoints, match_case, middlewares, notes, providers, ' +
          'routers, services, shutdown_timeout_secs',
      },
      { path: ['rooters'], suggestion: 'routers' },
    ])
  })

  it('that looks like a part of every object is unknown', async () => {
    await using memory = new MemoryGateway()
    const config = parsed('{"__proto__": {"polluted": 1}, "constructor": {}}')

    const problems = await memory.gateway.validate(plainConfig(config))

    expect(problems.map(({ path }) => path)).toEqual([['__proto__'], ['constructor']])
    expect('polluted' in {}).toBe(false)
  })

  it('that belongs to the routing reaches it with its default', async () => {
    await using memory = await startMemory({ match_case: false })

    expect(memory.gateway.snapshot.config['match_case']).toBe(false)
    await expect(memory.reload(plainConfig({ match_case: 'no' }))).rejects.toMatchObject({
      problems: [{ path: ['match_case'], code: 'GW_CONFIG_TYPE' }],
    })
  })
})

describe('a label', () => {
  it('that looks like a part of every object is a label like others', async () => {
    const routers = parsed(
      '{"__proto__": {"rule": "/a", "service": "app"}, "constructor": {"rule": "/", "service": "app"}}',
    )
    await using memory = await startMemory({ routers })

    expect(Object.keys(memory.gateway.snapshot.config.routers)).toEqual([
      '__proto__',
      'constructor',
    ])
    expect(await memory.send({ target: '/a' })).toMatchObject({ status: 200 })
    expect('rule' in {}).toBe(false)
  })

  it('that stands alone in place of a section is missing', async () => {
    await using memory = new MemoryGateway()

    expect(
      await memory.gateway.validate(plainConfig(parsed('{"middlewares": "x"}'))),
    ).toMatchObject([{ path: ['middlewares'], code: 'GW_CONFIG_LABEL' }])
  })
})

/** A configuration as a file may have it, whatever the types say. */
function parsed(json: string): Readonly<Record<string, never>> {
  // The compiler is to believe that every key is fine.
  return JSON.parse(json) as Readonly<Record<string, never>>
}

function notes(keys: SectionKey<Made>[], labelled: boolean): Plugin {
  return plugin('notes', (gateway) => {
    keys.push(
      gateway.section<Options, Made>({
        type: 'notes',
        labelled,
        schema: {
          type: 'object',
          additionalProperties: false,
          required: ['text'],
          properties: {
            text: { type: 'string', description: 'What to say.' },
            every: { duration: true, default: '1s', description: 'How often.' },
          },
        },
        create: (options, { name }) => ({ options, name }),
      }),
    )
  })
}
