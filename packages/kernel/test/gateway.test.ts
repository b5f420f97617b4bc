import { afterEach, describe, expect, it, vi } from 'vitest'
import { Gateway } from '../src/gateway.ts'
import { definePlugin, type Plugin } from '../src/plugin.ts'
import {
  bareMiddleware,
  MemoryGateway,
  middlewaresOf,
  plainConfig,
  plugin,
  startMemory,
} from './support/memory-gateway.ts'
import { MemoryLoader } from './support/memory-loader.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('starting', () => {
  it('goes from idle to running', async () => {
    await using memory = new MemoryGateway()
    expect(memory.gateway.state).toBe('idle')
    expect(() => memory.gateway.snapshot).toThrow(
      expect.objectContaining({
        code: 'GW_NOT_STARTED',
        message: 'the gateway is idle; expected running',
      }),
    )

    const start = memory.gateway.start(plainConfig())
    expect(memory.gateway.state).toBe('starting')
    await start

    expect(memory.gateway.state).toBe('running')
    expect(memory.gateway.snapshot.version).toBe(1)
    expect([...memory.gateway.addresses]).toEqual([['web', { address: '127.0.0.1', port: 80 }]])
  })

  it('is done once', async () => {
    await using memory = await startMemory()

    await expect(memory.gateway.start(plainConfig())).rejects.toMatchObject({
      code: 'GW_ALREADY_STARTED',
    })
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it('is all or nothing', async () => {
    const undone: string[] = []
    const memory = new MemoryGateway([
      middlewaresOf({
        m: (scope) => {
          scope.defer(() => void undone.push('middleware'))
          scope.keep('resource', () => ({ [Symbol.dispose]: () => void undone.push('resource') }))
          scope.onActivate(() => void undone.push('must not be'))
          return { onRequest: () => undefined }
        },
      }),
    ])
    memory.network.refusing.set('127.0.0.1:81', new Error('no permission'))

    await expect(
      memory.gateway.start(
        plainConfig({
          entrypoints: { web: { address: '127.0.0.1:80' }, other: { address: '127.0.0.1:81' } },
          middlewares: { m: { type: 'm' } },
        }),
      ),
    ).rejects.toMatchObject({
      code: 'GW_LISTEN_FAILED',
      message: 'entrypoint "other" cannot listen on 127.0.0.1:81: no permission',
    })

    expect(memory.gateway.state).toBe('stopped')
    expect(memory.network.boundAddresses).toEqual([])
    expect(undone).toEqual(['middleware', 'resource'])
    await memory.gateway.shutdown()
  })

  it('names every problem, the first in the message', async () => {
    const memory = new MemoryGateway()
    const config = plainConfig({ routers: { app: { rule: '/', servce: 'app' } }, colour: 'red' })

    await expect(memory.gateway.start(config)).rejects.toMatchObject({
      code: 'GW_CONFIG_INVALID',
      message:
        '2 problems in the configuration; the first: ' +
        'colour: unknown key "colour"; known: entrypoints, match_case, middlewares, providers, ' +
        'routers, services, shutdown_timeout_secs',
      problems: [
        { path: ['colour'] },
        { path: ['routers', 'app', 'servce'], suggestion: 'service' },
      ],
    })
  })

  it('serves nobody before everything is bound and active', async () => {
    const asked: string[] = []
    const memory = new MemoryGateway([
      plugin('wall', ({ hooks }) =>
        hooks.connection.tap('wall', () => {
          asked.push('tap')
          return { reason: 'not welcome' }
        }),
      ),
    ])
    const refused: unknown[] = []
    memory.network.onListen = async (server) => {
      if (server.entrypoint !== 'late') return
      await new Promise(setImmediate)
      try {
        memory.network.at('127.0.0.1:80').connect()
      } catch (error) {
        refused.push(error)
      }
    }

    await memory.gateway.start(
      plainConfig({
        entrypoints: { web: { address: '127.0.0.1:80' }, late: { address: '127.0.0.1:81' } },
      }),
    )

    expect(refused).toMatchObject([{ refusal: { reset: true } }])
    expect(asked).toEqual([])
    await memory.gateway.shutdown()
  })
})

describe('validating', () => {
  it('builds everything and leaves nothing', async () => {
    const trace: string[] = []
    await using memory = new MemoryGateway([
      middlewaresOf({
        m: (scope) => {
          trace.push('create')
          scope.defer(() => void trace.push('defer'))
          scope.onActivate(() => void trace.push('activate'))
          return { onRequest: () => undefined }
        },
      }),
    ])

    const problems = await memory.gateway.validate(
      plainConfig({ middlewares: { m: { type: 'm' } } }),
    )

    expect(problems).toEqual([])
    expect(trace).toEqual(['create', 'defer'])
    expect(memory.gateway.state).toBe('idle')
    expect(memory.network.boundAddresses).toEqual([])
  })

  it('finds what a protocol refuses', async () => {
    const memory = new MemoryGateway([
      plugin('strict', ({ protocols }) =>
        protocols.register({
          type: 'strict',
          kind: 'http',
          network: 'tcp',
          schema: { type: 'object', additionalProperties: false, properties: {} },
          create: () => {
            throw new Error('the certificate file is empty')
          },
        }),
      ),
    ])

    expect(
      await memory.gateway.validate(
        plainConfig({ entrypoints: { web: { address: ':443', protocol: 'strict' } } }),
      ),
    ).toMatchObject([
      {
        path: ['entrypoints', 'web'],
        message: expect.stringMatching(
          /^protocol "strict" of plugin "strict" failed in create: the certificate file is empty \(at .+gateway\.test\.ts:\d+:\d+\)$/,
        ),
      },
    ])
  })

  it('does not disturb a running gateway', async () => {
    await using memory = await startMemory()
    const { snapshot } = memory.gateway
    const endpoint = snapshot.services.get('app')?.pool.all[0]

    expect(await memory.gateway.validate(plainConfig({ routers: {} }))).toEqual([])
    expect(await memory.gateway.validate({ colour: 'red' })).not.toEqual([])

    expect(memory.gateway.snapshot).toBe(snapshot)
    expect(snapshot.services.get('app')?.pool.all[0]).toBe(endpoint)
    expect(memory.web.calls).toEqual(['listen'])
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it('may be done before the start', async () => {
    await using memory = new MemoryGateway()

    expect(await memory.gateway.validate(plainConfig())).toEqual([])
    await memory.gateway.start(plainConfig())

    expect(await memory.send()).toMatchObject({ status: 200 })
  })
})

describe('understanding a configuration', () => {
  it('shows it with its defaults, frozen, and builds nothing', async () => {
    const made: string[] = []
    await using memory = new MemoryGateway([
      plugin('m', ({ middlewares }) =>
        middlewares.register(
          bareMiddleware('m', () => {
            made.push('m')
            return {}
          }),
        ),
      ),
    ])

    const { blueprint, problems } = await memory.gateway.understand(
      plainConfig({ middlewares: { m: { type: 'm' } } }),
    )

    expect(problems).toEqual([])
    expect(blueprint.config).toEqual({
      entrypoints: {
        web: {
          address: '127.0.0.1:80',
          protocol: 'http',
          greeting: 'hello',
          idle_timeout: 60_000,
        },
      },
      routers: {
        app: { rule: '/', service: 'app', entrypoints: [], middlewares: [], priority: 0 },
      },
      services: {
        app: {
          load_balancer: {
            strategy: 'round-robin',
            connect_timeout: 5000,
            servers: [{ url: 'http://app.test', weight: 1 }],
          },
        },
      },
      middlewares: { m: { type: 'm', skip_paths: [], scope: 'definition', dry_run: false } },
      providers: {},
      match_case: true,
      shutdown_timeout_secs: 30,
    })
    expect(isDeepFrozen(blueprint.config)).toBe(true)
    expect(made).toEqual([])
  })
})

describe('a set-up that hangs', () => {
  it('fails after ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const memory = new MemoryGateway([plugin('slow', () => new Promise(() => undefined))])

    const start = memory.gateway.start(plainConfig()).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(10_000)

    expect(await start).toMatchObject({
      code: 'GW_PLUGIN_TIMEOUT',
      message: 'plugin "slow" did not finish its set-up within 10000 ms',
    })
  })
})

describe('a gateway without options', () => {
  it('needs nothing but plugins', async () => {
    const seen: unknown[] = []
    await using gateway = new Gateway()
    gateway.use(definePlugin({ name: 'one', setup: () => void seen.push('one') }))

    await gateway.start({})

    expect(seen).toEqual(['one'])
    expect([...gateway.addresses]).toEqual([])
  })

  it.each([{ share: 0.25, sharedSecret: 'of all four' }, {}])(
    'tells what it makes which part of the whole it is: %j',
    async (options) => {
      const told: unknown[] = []
      const counting = definePlugin({
        name: 'counting',
        setup(gateway) {
          gateway.section({
            type: 'counting',
            labelled: false,
            schema: { type: 'object', additionalProperties: false, properties: {} },
            create: (_options, { share, sharedSecret }) => void told.push(share, sharedSecret),
          })
        },
      })
      const gateway = new Gateway({ plugins: [counting], ...options })

      await gateway.validate({ counting: {} })

      expect(told).toEqual([options.share ?? 1, options.sharedSecret])
    },
  )

  it.each([
    { given: undefined, found: 'undefined' },
    { given: {}, found: 'an object with nothing in it' },
    { given: { default: plugin('a', () => undefined) }, found: 'an object with default' },
  ])('refuses $found in place of a plugin', ({ given, found }) => {
    const gateway = new Gateway()

    // What a program in plain JavaScript may do.
    expect(() => gateway.use(given as unknown as Plugin)).toThrow(`found ${found}`)
  })

  it('says which types are missing', async () => {
    const gateway = new Gateway({ loader: new MemoryLoader() })

    expect(await gateway.validate(plainConfig())).toMatchObject([
      { path: ['routers'], message: 'unknown routing "rules"; known: none' },
      { path: ['entrypoints', 'web', 'protocol'], message: 'unknown protocol "http"; known: none' },
      { path: ['services', 'app', 'load_balancer', 'strategy'] },
    ])
  })
})

function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isDeepFrozen)
}
