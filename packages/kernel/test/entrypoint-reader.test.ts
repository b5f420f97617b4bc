import { describe, expect, it } from 'vitest'
import type { ConfigProblem, GatewayConfigInput } from '../src/config.ts'
import type { Plugin } from '../src/plugin.ts'
import type { EntrypointFeature, EntrypointFeatureFactory } from '../src/protocol.ts'
import { MemoryGateway, plainConfig, plugin, startMemory } from './support/memory-gateway.ts'
import { MemoryLoader } from './support/memory-loader.ts'
import { refusalOf } from './support/memory-network.ts'

describe('an entrypoints block', () => {
  it.each<[string, unknown, Partial<ConfigProblem>]>([
    ['without an address', {}, { path: ['entrypoints', 'web'], message: '"address" is required' }],
    [
      'with a bad address',
      { address: 'nowhere' },
      {
        path: ['entrypoints', 'web', 'address'],
        code: 'GW_CONFIG_ADDRESS',
        message: 'invalid address "nowhere"; expected "host:port", "[v6]:port" or ":port"',
      },
    ],
    [
      'with an unknown protocol',
      { address: ':80', protocol: 'htpp' },
      {
        path: ['entrypoints', 'web', 'protocol'],
        code: 'GW_UNKNOWN_TYPE',
        message: 'unknown protocol "htpp"; did you mean "http"?',
        suggestion: 'http',
      },
    ],
    [
      'with an unknown key',
      { address: ':80', greting: 'x' },
      { path: ['entrypoints', 'web', 'greting'], suggestion: 'greeting' },
    ],
    [
      'with a bad value for its protocol',
      { address: ':80', idle_timeout: 'soon' },
      { path: ['entrypoints', 'web', 'idle_timeout'], code: 'GW_CONFIG_DURATION' },
    ],
    ['that is none', 'x', { path: ['entrypoints', 'web'], code: 'GW_CONFIG_TYPE' }],
  ])('is refused %s', async (_how, block, problem) => {
    expect(await problemsOf({ entrypoints: { web: block } })).toMatchObject([problem])
  })

  it('is refused at an address that another one has', async () => {
    const entrypoints = {
      a: { address: '127.0.0.1:80' },
      b: { address: ':80' },
      c: { address: '127.0.0.1:81', protocol: 'tcp' },
      d: { address: '127.0.0.1:81' },
      e: { address: '127.0.0.1:0' },
      f: { address: '127.0.0.1:0' },
    }

    expect(await problemsOf({ entrypoints })).toEqual([
      {
        path: ['entrypoints', 'b', 'address'],
        code: 'GW_CONFIG_ADDRESS_CONFLICT',
        message: 'address already used by entrypoint "a"',
      },
      {
        path: ['entrypoints', 'd', 'address'],
        code: 'GW_CONFIG_ADDRESS_CONFLICT',
        message: 'address already used by entrypoint "c"',
      },
    ])
  })
})

describe('a feature of entrypoints', () => {
  it('looks at the connections of those that have a key of its', async () => {
    const seen: string[] = []
    const look: EntrypointFeature = {
      onAccept: ({ entrypoint }) => void seen.push(`accept ${entrypoint}`),
      onIdentified: ({ entrypoint }) => void seen.push(`identify ${entrypoint}`),
    }
    await using memory = await startMemory(two, [capping(() => look)])

    for (const address of ['127.0.0.1:80', '127.0.0.1:81']) {
      const server = memory.network.at(address)
      server.ingress.identify(server.connect())
    }

    expect(seen).toEqual(['accept capped', 'identify capped'])
  })

  it('gets its own keys, the defaults included', async () => {
    const got: unknown[] = []
    await using memory = await startMemory(two, [
      capping((options, scope) => {
        got.push(options, scope.name)
        return {}
      }),
    ])

    expect(got).toEqual([{ max_connections: 2, queue: 5 }, 'capped'])
    expect(memory.gateway.snapshot.config.entrypoints['capped']).toMatchObject({
      max_connections: 2,
      queue: 5,
    })
  })

  it.each<[string, () => unknown, unknown]>([
    ['refuses', () => ({ reason: 'full', reset: true }), { reason: 'full', reset: true }],
    ['throws', () => raise(), { reason: 'an entrypoint feature failed' }],
    [
      'promises',
      () => Promise.reject(new Error('late')),
      { reason: 'an entrypoint feature failed' },
    ],
    ['returns nonsense', () => 'no', { reason: 'an entrypoint feature failed' }],
  ])('refuses a connection when it %s', async (_how, look, refusal) => {
    for (const step of ['onAccept', 'onIdentified'] as const) {
      await using memory = await startMemory(two, [capping(() => ({ [step]: look as never }))])
      const server = memory.network.at('127.0.0.1:81')

      if (step === 'onAccept') expect(refusalOf(() => server.connect())).toEqual(refusal)
      else expect(server.ingress.identify(server.connect())).toEqual(refusal)
      await new Promise(setImmediate)
    }
  })

  it.each([undefined, null])('lets a connection pass when it returns %s', async (nothing) => {
    await using memory = await startMemory(two, [
      capping(() => ({ onAccept: () => nothing as undefined })),
    ])

    expect(memory.network.at('127.0.0.1:81').connect()).toMatchObject({ entrypoint: 'capped' })
  })

  it('owns its keys for the protocols it works with only', async () => {
    const config = { entrypoints: { web: { address: ':80', max_connections: 2 } } }

    expect(await problemsOf(config, [capping(() => ({}), { protocols: ['tcp'] })])).toMatchObject([
      { path: ['entrypoints', 'web', 'max_connections'], code: 'GW_CONFIG_UNKNOWN_KEY' },
    ])
  })

  it('loads the plugin that has it, whose taps then run', async () => {
    const taps: string[] = []
    const counting = plugin('cap', (gateway) => {
      gateway.entrypointFeatures.register(cap(() => ({})))
      gateway.hooks.request.tap('cap', () => void taps.push('request'))
    })
    const loader = new MemoryLoader({ 'entrypoint feature max_connections': counting })
    await using memory = await startMemory(two, [], { loader })

    await memory.network.at('127.0.0.1:81').send()

    expect(memory.gateway.snapshot.uses('cap')).toBe(true)
    expect(taps).toEqual(['request'])
  })

  it('is suggested for a key that is nearly one of its own, also if it is not loaded yet', async () => {
    const counting = plugin('cap', (gateway) => {
      gateway.entrypointFeatures.register(cap(() => ({})))
    })
    const loader = new MemoryLoader({ 'entrypoint feature max_connections': counting })
    await using memory = new MemoryGateway([], { loader })
    const entrypoints = { web: { address: '127.0.0.1:80', max_conections: 2 } }

    const problems = await memory.gateway.validate(plainConfig({ routers: {}, entrypoints }))

    expect(problems).toMatchObject([
      { path: ['entrypoints', 'web', 'max_conections'], suggestion: 'max_connections' },
    ])
  })

  it('is told from a middleware', async () => {
    const config = {
      middlewares: { cap: { type: 'cap' } },
      routers: { app: { rule: '/', service: 'app', middlewares: ['cap'] } },
    }

    expect(await problemsOf(config, [capping(() => ({}))])).toMatchObject([
      {
        path: ['middlewares', 'cap', 'type'],
        message: '"cap" is not a middleware; set max_connections, queue in an "entrypoints" block',
      },
    ])
  })
})

const two: GatewayConfigInput = {
  entrypoints: {
    web: { address: '127.0.0.1:80' },
    capped: { address: '127.0.0.1:81', max_connections: 2 },
  },
}

type Create = EntrypointFeatureFactory['create']

function cap(
  create: Create,
  rest: Partial<EntrypointFeatureFactory> = {},
): EntrypointFeatureFactory {
  return {
    type: 'cap',
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        max_connections: { type: 'integer', minimum: 1, description: 'How many.' },
        queue: { type: 'integer', default: 5, description: 'How many may wait.' },
      },
    },
    create,
    ...rest,
  }
}

function capping(create: Create, rest: Partial<EntrypointFeatureFactory> = {}): Plugin {
  return plugin('cap', ({ entrypointFeatures }) => entrypointFeatures.register(cap(create, rest)))
}

async function problemsOf(
  config: GatewayConfigInput,
  plugins: readonly Plugin[] = [],
): Promise<readonly ConfigProblem[]> {
  await using memory = new MemoryGateway(plugins)
  return await memory.gateway.validate(plainConfig({ routers: {}, ...config }))
}

function raise(): never {
  throw new Error('boom')
}
