import { afterEach, describe, expect, it, vi } from 'vitest'
import { errors } from '../src/errors.ts'
import { defineErrors } from '../src/gateway-error.ts'
import type { Middleware } from '../src/middleware.ts'
import type { Plugin, PluginGateway } from '../src/plugin.ts'
import type { Scope } from '../src/scope.ts'
import {
  chainConfig,
  MemoryGateway,
  middlewaresOf,
  plainConfig,
  plugin,
  service,
} from './support/memory-gateway.ts'

const catalogue = defineErrors({
  GW_TEST_CONFLICT: {
    status: 500,
    source: 'config',
    message: () => '"a" and "b" exclude each other',
  },
  GW_TEST_RANGE: {
    status: 500,
    source: 'config',
    message: () => 'out of range',
    hint: 'stay inside',
  },
})

const noOptions = { type: 'object', additionalProperties: false, properties: {} } as const

afterEach(() => {
  vi.useRealTimers()
})

describe('a factory that fails', () => {
  it('is a problem at its block', async () => {
    expect(
      await problemsOf(
        {
          middlewares: { bad: { type: 'bad' }, worse: { type: 'worse' } },
          services: {
            app: { load_balancer: service('http://a.test')['load_balancer'], mirror: {} },
          },
          access_log: {},
          agents: { waf: {} },
        },
        [
          plugin('bad', (gateway) => {
            gateway.middlewares.register({ type: 'bad', schema: noOptions, create: boom })
            gateway.middlewares.register({
              type: 'worse',
              schema: noOptions,
              create: () => {
                throw catalogue.GW_TEST_CONFLICT()
              },
            })
            gateway.serviceFeatures.register({
              type: 'mirror',
              parent: 'service',
              stage: 0,
              schema: noOptions,
              create: () => Promise.reject(new Error('boom')),
            })
            section(gateway, 'access_log', false, boom)
            section(gateway, 'agents', true, boom)
          }),
        ],
      ),
    ).toEqual([
      {
        path: ['access_log'],
        code: 'GW_PLUGIN_ERROR',
        message: failing('section "access_log"', 'boom'),
      },
      {
        path: ['agents', 'waf'],
        code: 'GW_PLUGIN_ERROR',
        message: failing('section "agents"', 'boom'),
      },
      {
        path: ['services', 'app', 'mirror'],
        code: 'GW_PLUGIN_ERROR',
        message: failing('service feature "mirror"', 'boom'),
      },
      {
        path: ['middlewares', 'bad'],
        code: 'GW_PLUGIN_ERROR',
        message: failing('middleware type "bad"', 'boom'),
      },
      {
        path: ['middlewares', 'worse'],
        code: 'GW_TEST_CONFLICT',
        message: '"a" and "b" exclude each other',
      },
    ])
  })

  it('is a problem at the option that it names, with what the operator can do', async () => {
    const inner = { path: ['inner'], code: 'GW_CONFIG_RANGE', message: 'too large' }
    const a = refusing(catalogue.GW_TEST_RANGE(undefined, { option: ['limits', 1] }))
    const b = refusing(catalogue.GW_TEST_RANGE())
    const c = refusing(errors.GW_INVALID_OPTIONS({ problem: 'x' }, { problems: [inner] }))
    const config = chainConfig({ a: { type: 'a' }, b: { type: 'b' }, c: { type: 'c' } })

    const problems = await problemsOf(config, [middlewaresOf({ a, b, c })])

    expect(problems).toEqual([
      {
        path: ['middlewares', 'a', 'limits', 1],
        code: 'GW_TEST_RANGE',
        message: 'out of range',
        hint: 'stay inside',
      },
      {
        path: ['middlewares', 'b'],
        code: 'GW_TEST_RANGE',
        message: 'out of range',
        hint: 'stay inside',
      },
      { path: ['middlewares', 'c', 'inner'], code: 'GW_CONFIG_RANGE', message: 'too large' },
    ])
  })

  it('is a problem if it takes more than ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

    const problems = problemsOf(chainConfig({ slow: { type: 'slow' } }), [
      middlewaresOf({ slow: () => new Promise<Middleware>(() => undefined) }),
    ])
    await vi.advanceTimersByTimeAsync(10_000)

    expect(await problems).toMatchObject([
      {
        path: ['middlewares', 'slow'],
        message: expect.stringContaining('failed in create: not ready within 10 s'),
      },
    ])
  })

  it('leaves nothing behind if it is ready too late', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const undone: string[] = []
    const late = async (scope: Scope): Promise<Middleware> => {
      await new Promise((resolve) => setTimeout(resolve, 11_000))
      scope.defer(() => void undone.push('deferred'))
      expect(() => scope.keep('x', () => ({ [Symbol.dispose]: () => undefined }))).toThrow('gone')
      return { onRequest: () => undefined }
    }

    const problems = problemsOf(chainConfig({ late: { type: 'late' } }), [middlewaresOf({ late })])
    await vi.advanceTimersByTimeAsync(12_000)

    expect(await problems).toHaveLength(1)
    expect(undone).toEqual(['deferred'])
  })
})

describe('what a factory may not return', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a function', () => undefined],
    ['a filter and an around in one', { around: () => undefined, onRequest: () => undefined }],
    ['a filter with a step that is none', { onRequest: 'yes' }],
  ])('as a middleware: %s', async (_what, made) => {
    expect(
      await problemsOf(chainConfig({ bad: { type: 'bad' } }), [
        middlewaresOf({ bad: () => made as Middleware }),
      ]),
    ).toMatchObject([{ path: ['middlewares', 'bad'], code: 'GW_PLUGIN_BAD_RESULT' }])
  })

  it('as a balancer or a transport', async () => {
    const bad = plugin('bad', ({ balancers, transports }) => {
      balancers.register({ type: 'bad', schema: noOptions, create: () => ({}) as never })
      transports.register({
        type: 'odd',
        schemes: ['odd'],
        schema: noOptions,
        create: () => undefined as never,
      })
    })
    const services = {
      app: { load_balancer: { strategy: 'bad', servers: [{ url: 'odd://a.test' }] } },
    }

    expect(await problemsOf({ services }, [bad])).toMatchObject([
      {
        path: ['services', 'app', 'load_balancer'],
        message:
          'strategy "bad" of plugin "bad" returned Object from create; ' +
          'expected an object with the method "pick"',
      },
      { path: ['services', 'app', 'load_balancer'], code: 'GW_PLUGIN_BAD_RESULT' },
    ])
  })
})

describe('a middleware in a router', () => {
  it('must do something for its kind', async () => {
    const types = middlewaresOf({
      http: () => ({ onRequest: () => undefined }),
      around: () => ({ around: (ctx, next) => next(ctx) }),
      stream: () => ({ onConnection: () => undefined }),
      both: () => ({ onRequest: () => undefined, onConnection: () => undefined }),
    })
    const names = { http: 'http', around: 'around', stream: 'stream', both: 'both' }
    const config = {
      entrypoints: {
        web: { address: '127.0.0.1:80' },
        raw: { address: '127.0.0.1:90', protocol: 'tcp' },
      },
      middlewares: Object.fromEntries(Object.keys(names).map((type) => [type, { type }])),
      routers: {
        web: { rule: '/', service: 'app', entrypoints: ['web'], middlewares: Object.keys(names) },
        raw: { rule: '*', service: 'app', entrypoints: ['raw'], middlewares: Object.keys(names) },
      },
    }

    expect(await problemsOf(config, [types])).toMatchObject([
      {
        path: ['routers', 'web', 'middlewares', 2],
        code: 'GW_PLUGIN_PROTOCOL_UNSUPPORTED',
        message:
          'middleware "stream" does nothing for routers of kind "http": it has no onRequest, onResponse or around',
      },
      {
        path: ['routers', 'raw', 'middlewares', 0],
        message: expect.stringMatching(/kind "stream": it has no onConnection$/),
      },
      { path: ['routers', 'raw', 'middlewares', 1] },
    ])
  })

  it('may stand there twice', async () => {
    const seen: string[] = []
    const config = chainConfig({ count: { type: 'count' } })
    await using memory = new MemoryGateway([
      middlewaresOf({ count: () => ({ onRequest: () => void seen.push('x') }) }),
    ])
    const routers = { app: { rule: '/', service: 'app', middlewares: ['count', 'count'] } }

    await memory.gateway.start({ ...config, routers })
    await memory.send()

    expect(seen).toEqual(['x', 'x'])
  })
})

describe('the problems of a configuration', () => {
  it('are all found, those of reading and those of building', async () => {
    const problems = await problemsOf(
      {
        entrypoints: { web: { address: 'nowhere', colour: 'red' } },
        routers: { app: { rule: 'no prefix', service: 'missing' } },
        middlewares: { bad: { type: 'bad' } },
        shutdown_timeout_secs: 0,
      },
      [middlewaresOf({ bad: boom })],
    )

    expect(
      problems.map(({ path }) => path.join('.')).toSorted((a, b) => a.localeCompare(b)),
    ).toEqual([
      'entrypoints.web.colour',
      'middlewares.bad',
      'routers.app.rule',
      'routers.app.service',
      'shutdown_timeout_secs',
    ])
  })
})

async function problemsOf(
  config: Readonly<Record<string, unknown>>,
  plugins: readonly Plugin[],
): ReturnType<MemoryGateway['gateway']['validate']> {
  await using memory = new MemoryGateway(plugins)
  return await memory.gateway.validate(plainConfig(config))
}

function section(
  gateway: PluginGateway,
  type: string,
  labelled: boolean,
  create: () => never,
): void {
  gateway.section({ type, labelled, schema: noOptions, create })
}

function boom(): never {
  throw new Error('boom')
}

function refusing(error: Error): () => never {
  return () => {
    throw error
  }
}

/** The message, with the place in this file where it was thrown. */
function failing(what: string, problem: string): unknown {
  return expect.stringMatching(
    new RegExp(
      `^${what} of plugin "bad" failed in create: ${problem} \\(at .+builder\\.test\\.ts:\\d+:\\d+\\)$`,
    ),
  )
}
