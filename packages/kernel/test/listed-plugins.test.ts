import { describe, expect, it } from 'vitest'
import type { ConfigProblem, GatewayConfigInput } from '../src/config.ts'
import type { Plugin, PluginOrigin } from '../src/plugin.ts'
import {
  MemoryGateway,
  middlewaresOf,
  plainConfig,
  plugin,
  startMemory,
} from './support/memory-gateway.ts'
import { MemoryLoader } from './support/memory-loader.ts'

describe('a plugin that requires another one', () => {
  it('is set up after it, and has it used wherever it is', async () => {
    const trace: string[] = []
    const base = plugin('base', () => void trace.push('base'))
    const loader = new MemoryLoader({}, { a: needing('a', ['base'], trace), base })
    const plugins = { a: { source: 'a' }, base: { source: 'base' } }
    await using memory = await startMemory({ plugins }, [], { loader })

    expect(trace).toEqual(['base', 'a'])
    expect(memory.gateway.snapshot.uses('base')).toBe(true)
  })

  it('has it loaded if no block does', async () => {
    const trace: string[] = []
    const base = plugin('base', () => void trace.push('base'))
    const loader = new MemoryLoader({ 'middleware x': base }, { a: needing('a', ['base'], trace) })
    await using memory = await startMemory({ plugins: { a: { source: 'a' } } }, [], { loader })

    expect(trace).toEqual(['base', 'a'])
    expect(memory.gateway.snapshot.uses('base')).toBe(true)
  })

  it('is refused without it, and says what to add', async () => {
    const source = needing('a', ['gatewright-plugin-base'])
    expect(await problemsOf({ a: { source: 'a' } }, { a: source })).toMatchObject([
      {
        path: ['plugins', 'a'],
        code: 'GW_PLUGIN_MISSING',
        message: 'plugin "a" requires plugin "gatewright-plugin-base", which is not there',
        hint: 'install it, and add: plugins "base" { source = "gatewright-plugin-base" }',
      },
    ])
  })

  it('is refused by a program, too', async () => {
    const memory = new MemoryGateway([needing('a', ['b'])])

    await expect(memory.gateway.start(plainConfig())).rejects.toMatchObject({
      code: 'GW_PLUGIN_MISSING',
    })
  })

  it.each([
    ['both are listed', {}, { a: needing('a', ['b']), b: needing('b', ['a']) }, ['plugins']],
    [
      'one is found',
      { 'middleware x': needing('b', ['a']) },
      { a: needing('a', ['b']) },
      ['plugins', 'a'],
    ],
  ])('is refused if the other one requires it, when %s', async (_how, found, sources, path) => {
    const loader = new MemoryLoader({ ...found, 'middleware y': needing('a', ['b']) }, sources)
    const plugins = Object.fromEntries(Object.keys(sources).map((s) => [s, { source: s }]))
    await using memory = new MemoryGateway([], { loader })

    expect(await memory.gateway.validate(plainConfig({ plugins }))).toMatchObject([
      {
        path,
        code: 'GW_PLUGIN_DEPENDENCY_CYCLE',
        message: 'plugins wait for each other: a → b → a',
      },
    ])
  })
})

describe('a plugin with a matcher', () => {
  it('is loaded for a rule that names it', async () => {
    const colour = plugin('colour', ({ matchers }) =>
      matchers.register({ type: 'Colour', kind: 'any', arity: [1, 1], compile: () => () => true }),
    )
    const loader = new MemoryLoader({ 'matcher Colour': colour })
    const routers = { all: { rule: '/ && Colour(`red`)', service: 'app' } }
    await using memory = await startMemory({ routers }, [], { loader })

    expect(memory.gateway.snapshot.uses('colour')).toBe(true)
    await memory.reload(plainConfig())
    expect(memory.gateway.snapshot.uses('colour')).toBe(false)
  })
})

describe('two plugins that want the same', () => {
  it('are told apart by their labels if they have one name', async () => {
    const blocks = { one: { source: 'a' }, two: { source: 'b' }, three: { source: 'c' } }
    const sources = { a: hello('twin'), b: hello('twin'), c: plugin('other', () => {}) }

    expect(await problemsOf(blocks, sources)).toMatchObject([
      {
        path: ['plugins', 'two'],
        code: 'GW_PLUGIN_DUPLICATE_NAME',
        message: 'plugins "one" and "two" have the same name, "twin"',
        hint: expect.stringContaining('rename = true'),
      },
    ])
  })

  it('are refused if they register one type, and told the way out', async () => {
    const blocks = { one: { source: 'a' }, two: { source: 'b' } }

    expect(await problemsOf(blocks, { a: hello('a'), b: hello('b') })).toMatchObject([
      {
        path: ['plugins', 'two'],
        code: 'GW_DUPLICATE_TYPE',
        message: 'middleware type "hello" is registered by a and by b',
        hint: expect.stringContaining('alias'),
      },
    ])
  })

  it('get along with an alias', async () => {
    const loader = new MemoryLoader({}, { a: answering('a'), b: answering('b') })
    const plugins = {
      one: { source: 'a' },
      two: { source: 'b', alias: { hello: 'hello-too' } },
    }
    const routers = {
      two: { rule: '/two', service: 'app', middlewares: ['two'] },
      one: { rule: '/', service: 'app', middlewares: ['one'] },
    }
    const middlewares = { one: { type: 'hello' }, two: { type: 'hello-too' } }
    await using memory = await startMemory({ plugins, routers, middlewares }, [], { loader })

    expect(await memory.send({ target: '/' })).toMatchObject({ headers: { 'x-from': 'a' } })
    expect(await memory.send({ target: '/two' })).toMatchObject({ headers: { 'x-from': 'b' } })
  })

  it('are refused if one of them is found by its types', async () => {
    const loader = new MemoryLoader({ 'middleware hello': hello('first-party') }, { b: hello('b') })
    await using memory = new MemoryGateway([], { loader })
    const plugins = { two: { source: 'b' } }

    expect(await memory.gateway.validate(plainConfig({ plugins }))).toMatchObject([
      {
        path: ['plugins', 'two'],
        code: 'GW_DUPLICATE_TYPE',
        message: 'middleware "hello" is registered by first-party and by b',
      },
    ])
  })
})

describe('an alias', () => {
  it('is refused for a type that the plugin does not have', async () => {
    const source = middlewaresOf({ hello: () => ({}) }, 'a')
    const blocks = { a: { source: 'a', alias: { helo: 'x' } } }

    expect(await problemsOf(blocks, { a: source })).toMatchObject([
      {
        code: 'GW_PLUGIN_ALIAS',
        message: '"alias" renames "helo", which plugin "a" does not register; it has hello',
      },
    ])
  })

  it('needs a restart to become another one', async () => {
    const loader = new MemoryLoader({}, { a: middlewaresOf({ hello: () => ({}) }, 'a') })
    await using memory = await startMemory(aliased('x'), [], { loader })

    await expect(memory.reload(plainConfig(aliased('y')))).rejects.toMatchObject({
      problems: [{ code: 'GW_PLUGIN_NEEDS_RESTART' }],
    })
  })

  it('leaves the methods of a factory their object', async () => {
    const loader = new MemoryLoader({}, { a: classy })
    const plugins = { a: { source: 'a', alias: { classy: 'plain' } } }
    const routers = { all: { rule: '/', service: 'app', middlewares: ['it'] } }
    const middlewares = { it: { type: 'plain' } }
    await using memory = await startMemory({ plugins, routers, middlewares }, [], { loader })

    expect(await memory.send()).toMatchObject({ headers: { 'x-from': 'its own' } })
  })
})

describe('what a package says of its plugin', () => {
  it.each<[string, Partial<PluginOrigin>, string]>([
    ['type', { provides: { middleware: ['other'] } }, 'it registers middleware "hello"'],
    ['contract', { apiVersion: 2 }, 'apiVersion is 2 there and 1 in the plugin'],
  ])('has to be so: %s', async (_what, origin, problem) => {
    const loader = loaderOf(origin)
    await using memory = new MemoryGateway([], { loader })

    expect(await memory.gateway.validate(lenient(false))).toMatchObject([
      { code: 'GW_PLUGIN_MANIFEST_MISMATCH', message: expect.stringContaining(problem) },
    ])
    expect(await memory.gateway.validate(lenient(true))).toEqual([])
  })

  it('names it in messages', async () => {
    const bad = plugin('bad', () => {
      throw new Error('no luck')
    })
    const loader = new MemoryLoader({}, { bad })
    loader.origins.set(bad, { title: 'gatewright-plugin-bad@1.2.0' })
    await using memory = new MemoryGateway([], { loader })

    const plugins = { bad: { source: 'bad' } }
    expect(await memory.gateway.validate(plainConfig({ plugins }))).toMatchObject([
      {
        message: expect.stringMatching(
          /^plugin "gatewright-plugin-bad@1\.2\.0" failed: no luck \(at .+listed-plugins\.test\.ts:\d+:\d+\)$/,
        ),
      },
    ])
  })
})

describe('a plugin that registers after its set-up', () => {
  it('is told so, also while another one is being set up', async () => {
    let late: (() => void) | undefined
    const first = plugin('first', ({ middlewares }) => {
      late = () => middlewares.register({ type: 'late', schema: noOptions, create: () => ({}) })
    })
    const second = plugin('second', () => {
      expect(late).toThrow(expect.objectContaining({ code: 'GW_REGISTRY_CLOSED' }))
    })

    await using memory = await startMemory({}, [first, second])

    expect(memory.gateway.plugins).toContain('second')
  })
})

const noOptions = { type: 'object', additionalProperties: false, properties: {} } as const

function hello(name: string): Plugin {
  return middlewaresOf({ hello: () => ({ onRequest: () => undefined }) }, name)
}

function aliased(to: string): { readonly plugins: object } {
  return { plugins: { a: { source: 'a', alias: { hello: to } } } }
}

function lenient(ignoresCompat: boolean): GatewayConfigInput {
  return plainConfig({ plugins: { a: { source: 'a', ignoresCompat } } })
}

function needing(name: string, requires: readonly string[], trace: string[] = []): Plugin {
  return { name, requires, setup: () => void trace.push(name) }
}

function answering(name: string): Plugin {
  const onResponse = (
    _: unknown,
    response: { headers: { set(n: string, v: string): void } },
  ): void => response.headers.set('x-from', name)
  return middlewaresOf({ hello: () => ({ onResponse }) }, name)
}

/** Its factory is an object of a class with fields of its own. */
const classy = plugin('classy', (gateway) => {
  class Factory {
    readonly type = 'classy'
    readonly schema = noOptions
    readonly #text = 'its own'
    create() {
      const text = this.#text
      return {
        onResponse: (_: unknown, response: { headers: { set(n: string, v: string): void } }) =>
          response.headers.set('x-from', text),
      }
    }
  }
  gateway.middlewares.register(new Factory())
})

function loaderOf(origin: Partial<PluginOrigin>): MemoryLoader {
  const a = middlewaresOf({ hello: () => ({}) }, 'a')
  const loader = new MemoryLoader({}, { a })
  loader.origins.set(a, { title: 'a@1.0.0', ...origin })
  return loader
}

async function problemsOf(
  plugins: object,
  sources: Readonly<Record<string, Plugin>>,
): Promise<readonly ConfigProblem[]> {
  await using memory = new MemoryGateway([], { loader: new MemoryLoader({}, sources) })
  return await memory.gateway.validate(plainConfig({ plugins }))
}
