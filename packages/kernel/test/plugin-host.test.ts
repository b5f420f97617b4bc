import { describe, expect, it } from 'vitest'
import type { Filter } from '../src/middleware.ts'
import { definePlugin, type Plugin } from '../src/plugin.ts'
import {
  bareMiddleware,
  chainConfig,
  MemoryGateway,
  middlewaresOf,
  plainConfig,
  plugin,
  startMemory,
} from './support/memory-gateway.ts'
import { MemoryLoader } from './support/memory-loader.ts'

interface StampOptions {
  text: string
  every: number
}

describe('the order of set-ups', () => {
  it.each<[string, Readonly<Record<string, readonly string[]>>, string[]]>([
    ['as given', { a: [], b: [], c: [] }, ['a', 'b', 'c']],
    ['moved as far as needed', { a: ['c'], b: [], c: [] }, ['c', 'a', 'b']],
    ['through several steps', { a: ['b'], b: ['c'], c: [] }, ['c', 'b', 'a']],
    ['without those that are missing', { a: ['nowhere'], b: [] }, ['a', 'b']],
  ])('is %s', async (_what, plugins, expected) => {
    const trace: string[] = []
    await using memory = new MemoryGateway(
      Object.entries(plugins).map(([name, after]) => ({
        name,
        after,
        setup: async () => {
          await new Promise(setImmediate)
          trace.push(name)
        },
      })),
    )
    await memory.gateway.start(plainConfig())

    expect(trace).toEqual(expected)
    expect(memory.gateway.plugins).toEqual(['basics', ...expected])
  })

  it('is refused if there is none', async () => {
    const memory = new MemoryGateway([
      { name: 'a', after: ['b'], setup: () => undefined },
      { name: 'b', after: ['c'], setup: () => undefined },
      { name: 'c', after: ['a'], setup: () => undefined },
    ])

    await expect(memory.gateway.start(plainConfig())).rejects.toMatchObject({
      code: 'GW_PLUGIN_DEPENDENCY_CYCLE',
      message: 'plugins wait for each other: a → b → c → a',
    })
    expect(memory.gateway.state).toBe('stopped')
  })

  it('has no place for two plugins of one name', async () => {
    const memory = new MemoryGateway([plugin('twin', () => {}), plugin('twin', () => {})])

    await expect(memory.gateway.start(plainConfig())).rejects.toMatchObject({
      code: 'GW_PLUGIN_DUPLICATE_NAME',
      message: 'plugin "twin" was given twice',
    })
  })
})

describe('a plugin that is given', () => {
  it('is used by every configuration', async () => {
    await using memory = await startMemory({}, [plugin('given', () => {})])

    expect(memory.gateway.snapshot.uses('given')).toBe(true)
    expect(memory.gateway.snapshot.uses('other')).toBe(false)
  })

  it('gets its options with their defaults and units', async () => {
    const got: unknown[] = []
    await using memory = new MemoryGateway()
    memory.gateway.use(stamp(got), { text: 'x' } as StampOptions)

    await memory.gateway.start(plainConfig())

    expect(got).toEqual([{ text: 'x', every: 10_000 }])
  })

  it('is refused with options that it does not take', async () => {
    const bad = new MemoryGateway()
    bad.gateway.use(stamp([]), { text: 1, colour: 'red' } as unknown as StampOptions)
    const none = new MemoryGateway()
    none.gateway.use(plugin('bare', () => {}) as Plugin<object>, { a: 1 })

    await expect(bad.gateway.start(plainConfig())).rejects.toMatchObject({
      code: 'GW_PLUGIN_SETUP_FAILED',
      problems: [{ path: ['colour'] }, { path: ['text'] }],
    })
    await expect(none.gateway.start(plainConfig())).rejects.toMatchObject({
      message: 'plugin "bare" failed: it takes no options',
    })
  })

  it('is refused if it was written for another kernel', async () => {
    const memory = new MemoryGateway([{ name: 'future', apiVersion: 2, setup: () => undefined }])

    await expect(memory.gateway.start(plainConfig())).rejects.toMatchObject({
      code: 'GW_PLUGIN_API_VERSION',
      message: 'plugin "future" needs plugin API 2; this kernel supports 1',
    })
  })

  it('is named if its set-up fails', async () => {
    const cause = new Error('boom')
    const memory = new MemoryGateway([plugin('bad', () => Promise.reject(cause))])

    await expect(memory.gateway.start(plainConfig())).rejects.toMatchObject({
      code: 'GW_PLUGIN_SETUP_FAILED',
      message: expect.stringMatching(
        /^plugin "bad" failed: boom \(at .+plugin-host\.test\.ts:\d+:\d+\)$/,
      ),
      cause,
    })
    expect(memory.network.servers).toEqual([])
  })

  it('cannot be given once set-ups have begun', async () => {
    await using memory = new MemoryGateway()
    const late = plugin('late', () => {})
    await memory.gateway.validate(plainConfig())

    expect(() => memory.gateway.use(late)).toThrow(
      expect.objectContaining({ code: 'GW_ALREADY_STARTED' }),
    )
    await memory.gateway.start(plainConfig())
    expect(() => memory.gateway.use(late)).toThrow(
      expect.objectContaining({ code: 'GW_ALREADY_STARTED' }),
    )
  })
})

describe('a plugin that a type needs', () => {
  it('joins on a reload, and its taps leave with the type', async () => {
    const trace: string[] = []
    const loader = new MemoryLoader({ 'middleware stamp': joining(trace) })
    await using memory = await startMemory({}, [], { loader })
    await memory.send()
    expect(trace).toEqual([])

    await memory.reload(chainConfig({ stamp: { type: 'stamp' } }))
    await memory.send()
    expect(trace).toEqual(['set up', 'tap', 'filter'])
    expect(memory.gateway.snapshot.uses('stamper')).toBe(true)

    trace.length = 0
    await memory.reload(plainConfig())
    await memory.send()
    expect(trace).toEqual([])
    expect(memory.gateway.plugins).toContain('stamper')

    await memory.reload(chainConfig({ stamp: { type: 'stamp' } }))
    await memory.send()
    expect(trace).toEqual(['tap', 'filter'])
  })

  it('does not tap the exchanges of a configuration without it', async () => {
    const trace: string[] = []
    const loader = new MemoryLoader({ 'middleware stamp': joining(trace, 'finish') })
    await using memory = await startMemory({}, [], { loader })
    const old = memory.web.open()
    await old.answer

    await memory.reload(chainConfig({ stamp: { type: 'stamp' } }))
    old.finish()

    expect(trace).toEqual(['set up'])
  })

  it('is named among the types that are known', async () => {
    const loader = new MemoryLoader({ 'middleware stamp': joining([]) })
    await using memory = new MemoryGateway([], { loader })

    const problems = await memory.gateway.validate(chainConfig({ a: { type: 'stanp' } }))

    expect(problems).toMatchObject([
      {
        path: ['middlewares', 'a', 'type'],
        message: 'unknown middleware type "stanp"; did you mean "stamp"?',
        suggestion: 'stamp',
      },
    ])
  })

  it('is one problem if it cannot be loaded', async () => {
    const loader = new MemoryLoader({ 'middleware stamp': joining([]) })
    loader.find = () => {
      throw new Error('syntax error in index.js')
    }
    await using memory = await startMemory({}, [], { loader })

    await expect(memory.reload(chainConfig({ a: { type: 'stamp' } }))).rejects.toMatchObject({
      code: 'GW_CONFIG_INVALID',
      problems: [{ path: ['middlewares', 'a', 'type'], message: 'syntax error in index.js' }],
    })
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it('leaves nothing when its set-up fails, and may try again', async () => {
    const trace: string[] = []
    let broken = true
    const moody = plugin('moody', (gateway) => {
      gateway.middlewares.register(bareMiddleware('stamp', passing))
      gateway.hooks.request.tap('moody', () => void trace.push('request'))
      gateway.hooks.config.tap('moody', (config) => {
        trace.push('config')
        return config
      })
      gateway.hooks.activate.tap('moody', () => void trace.push('activate'))
      gateway.hooks.close.tap('moody', () => void trace.push('close'))
      if (broken) throw new Error('boom')
    })
    const loader = new MemoryLoader({ 'middleware stamp': moody })
    const memory = await startMemory({}, [], { loader })
    const config = chainConfig({ a: { type: 'stamp' } })

    await expect(memory.reload(config)).rejects.toThrow('plugin "moody" failed: boom')
    await memory.reload(plainConfig())
    await memory.send()
    expect(trace).toEqual([])
    expect(memory.gateway.plugins).not.toContain('moody')

    broken = false
    await memory.reload(config)
    await memory.send()
    await memory.gateway.shutdown()
    expect(trace).toEqual(['config', 'activate', 'request', 'close'])
  })

  it('is set up once, however many ask for it at the same time', async () => {
    const trace: string[] = []
    const slow = plugin('slow', async (gateway) => {
      trace.push('set up')
      await new Promise(setImmediate)
      gateway.middlewares.register(bareMiddleware('stamp', passing))
    })
    const loader = new MemoryLoader({ 'middleware stamp': slow })
    await using memory = await startMemory({}, [], { loader })
    const config = chainConfig({ a: { type: 'stamp' } })

    const [, problems, understood] = await Promise.all([
      memory.reload(config),
      memory.gateway.validate(config),
      memory.gateway.understand(config),
    ])

    expect(trace).toEqual(['set up'])
    expect([problems, understood.problems]).toEqual([[], []])
    expect(memory.gateway.snapshot.uses('slow')).toBe(true)
  })
})

describe('the types of a plugin', () => {
  it('are told apart by who registers them', async () => {
    const stampers = [
      middlewaresOf({ stamp: passing }, 'one'),
      middlewaresOf({ stamp: passing }, 'two'),
    ]

    await expect(startMemory({}, stampers)).rejects.toMatchObject({
      code: 'GW_DUPLICATE_TYPE',
      message: 'middleware type "stamp" is registered by one and by two',
    })
  })
})

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

function passing(): Filter {
  return { onRequest: () => undefined }
}

function joining(trace: string[], hook: 'request' | 'finish' = 'request'): Plugin {
  return plugin('stamper', (gateway) => {
    trace.push('set up')
    const filter = { onRequest: () => void trace.push('filter') }
    gateway.middlewares.register(bareMiddleware('stamp', () => filter))
    if (hook === 'request') gateway.hooks.request.tap('stamper', () => void trace.push('tap'))
    else gateway.hooks.finish.tap('stamper', () => void trace.push('tap'))
  })
}
