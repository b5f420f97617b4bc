import { describe, expect, it } from 'vitest'
import type { ConfigProblem } from '../src/config.ts'
import type { Plugin, PluginGateway } from '../src/plugin.ts'
import type { AnyOptions } from '../src/schema.ts'
import type { Scope } from '../src/scope.ts'
import {
  chainConfig,
  MemoryGateway,
  plainConfig,
  plugin,
  service,
} from './support/memory-gateway.ts'

const noOptions = { type: 'object', additionalProperties: false, properties: {} } as const

describe('what a middleware is made of', () => {
  it.each([
    [
      { onRequst: nothing },
      'an object with "onRequst" from create; expected one of onRequest, onResponse, onConnection, onSkip, around; did you mean "onRequest"?',
    ],
    [
      { onRequest: nothing, onRespose: nothing },
      'an object with "onRespose" from create; expected one of onRequest, onResponse, onConnection, onSkip; did you mean "onResponse"?',
    ],
    [
      { arround: nothing },
      'an object with "arround" from create; expected one of onRequest, onResponse, onConnection, onSkip, around; did you mean "around"?',
    ],
    [
      { handle: nothing },
      'an object with "handle" from create; expected one of onRequest, onResponse, onConnection, onSkip, around',
    ],
    [
      new (class {
        onRequets(): void {}
      })(),
      'did you mean "onRequest"?',
    ],
  ])('is told by its names: %o', async (made, told) => {
    const [problem, ...others] = await problemsWith(made)

    expect(others).toEqual([])
    expect(problem).toMatchObject({ path: ['middlewares', 'm'], code: 'GW_PLUGIN_BAD_RESULT' })
    expect(problem?.message).toContain(
      'middleware type "m" of plugin "gatewright-plugin-m" returned',
    )
    expect(problem?.message).toContain(told)
  })

  it('may have functions of its own', async () => {
    const made = { onRequest: nothing, round: nothing, onRequests: nothing, size: 5 }

    expect(await problemsWith(made)).toEqual([])
  })
})

describe('what a service is made of', () => {
  it.each([
    [{ pik: nothing }, 'expected an object with the method "pick"; it has "pik"'],
    [{ pick: 5 }, 'expected an object with the method "pick", not a number'],
    [{ pick: nothing, attemptEnd: nothing }, 'did you mean "attemptEnded"?'],
  ])('is told by its names: %o', async (made, told) => {
    const spread = plugin('gatewright-plugin-spread', ({ balancers }) => {
      balancers.register({ type: 'spread', schema: noOptions, create: () => asMade(made) })
    })
    const servers = [{ url: 'http://a.test' }]
    const services = { app: { load_balancer: { servers, strategy: 'spread' } } }

    expect(await problemsOf({ services }, spread)).toMatchObject([
      {
        path: ['services', 'app', 'load_balancer'],
        message: expect.stringMatching(/^strategy "spread" of plugin /),
      },
    ])
    const [problem] = await problemsOf({ services }, spread)
    expect(problem?.message).toContain(told)
  })

  it.each([
    [undefined, 'returned undefined from create; expected a service feature'],
    [{ begn: nothing }, 'did you mean "begin"?'],
  ])('has features that are told as well: %o', async (made, told) => {
    const shadow = plugin('gatewright-plugin-shadow', ({ serviceFeatures }) => {
      serviceFeatures.register({
        type: 'shadow',
        parent: 'service',
        stage: 0,
        schema: noOptions,
        create: () => asMade(made),
      })
    })
    const services = { app: { ...service('http://a.test'), shadow: {} } }

    const [problem] = await problemsOf({ services }, shadow)

    expect(problem?.message).toContain('service feature "shadow" of plugin')
    expect(problem?.message).toContain(told)
  })
})

describe('a provider', () => {
  it('has to watch', async () => {
    const csv = plugin('gatewright-plugin-csv', ({ providers }) => {
      providers.register({
        type: 'csv',
        schema: noOptions,
        create: () => asMade({ wach: nothing }),
      })
    })

    expect(await problemsOf({ providers: { csv: {} } }, csv)).toMatchObject([
      {
        path: ['providers', 'csv'],
        message:
          'provider "csv" of plugin "gatewright-plugin-csv" ' +
          'returned Object from create; expected an object with the method "watch"; it has "wach"',
      },
    ])
  })
})

describe('a resource that nothing can dispose', () => {
  it.each([
    [
      'keep',
      (scope: Scope) => scope.keep('table', () => asMade({})),
      'the function for scope.keep("table")',
    ],
    ['use', (scope: Scope) => scope.use(asMade({})), 'the argument of scope.use'],
  ])('is refused by %s when the configuration is read', async (_name, ask, where) => {
    const kept = middleware((scope) => {
      ask(scope)
      return { onRequest: nothing }
    })

    expect(await problemsOf(chainConfig({ m: { type: 'm' } }), kept)).toMatchObject([
      {
        path: ['middlewares', 'm'],
        message:
          `plugin "gatewright-plugin-m" returned Object from ${where}; ` +
          'expected something with [Symbol.dispose]() or [Symbol.asyncDispose]()',
      },
    ])
  })
})

describe('a type that a plugin registers twice', () => {
  it('is told to its author, who needs no alias', async () => {
    const twice = plugin('gatewright-plugin-m', ({ middlewares }) => {
      const factory = { type: 'm', schema: noOptions, create: () => ({}) }
      middlewares.register(factory)
      middlewares.register(factory)
    })
    await using memory = new MemoryGateway([twice])

    await expect(memory.gateway.start(plainConfig())).rejects.toMatchObject({
      code: 'GW_DUPLICATE_TYPE',
      message: 'plugin "gatewright-plugin-m" registers middleware type "m" twice',
      hint: 'give one of them another "type", or leave out the second call of register',
    })
  })
})

async function problemsWith(made: unknown): Promise<readonly ConfigProblem[]> {
  return await problemsOf(
    chainConfig({ m: { type: 'm' } }),
    middleware(() => asMade(made)),
  )
}

async function problemsOf(
  config: Readonly<Record<string, unknown>>,
  given: Plugin,
): Promise<readonly ConfigProblem[]> {
  await using memory = new MemoryGateway([given])
  return await memory.gateway.validate(plainConfig(config))
}

function middleware(create: (scope: Scope) => AnyOptions): Plugin {
  return plugin('gatewright-plugin-m', ({ middlewares }: PluginGateway) => {
    middlewares.register({ type: 'm', schema: noOptions, create: (_, scope) => create(scope) })
  })
}

/** What plain JavaScript lets an author return. */
function asMade(made: unknown): AnyOptions {
  return made
}

function nothing(): undefined {
  return undefined
}
