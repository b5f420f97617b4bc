import { describe, expect, it } from 'vitest'
import type { ConfigProblem, GatewayConfigInput } from '../src/config.ts'
import type { Plugin } from '../src/plugin.ts'
import { GatewayResponse } from '../src/response.ts'
import {
  MemoryGateway,
  plainConfig,
  plugin,
  service,
  startMemory,
} from './support/memory-gateway.ts'
import { MemoryLoader } from './support/memory-loader.ts'

const noOptions = { type: 'object', additionalProperties: false, properties: {} } as const

describe('a services block', () => {
  it.each<[string, unknown, Partial<ConfigProblem>]>([
    [
      'without servers',
      {},
      { code: 'GW_CONFIG_NO_SERVERS', message: 'the service has no servers' },
    ],
    ['with an empty list', servers(), { code: 'GW_CONFIG_NO_SERVERS' }],
    [
      'with an unknown strategy',
      { load_balancer: { strategy: 'round-robbin', servers: [{ url: 'http://a.test' }] } },
      {
        path: ['services', 'app', 'load_balancer', 'strategy'],
        message: 'unknown strategy "round-robbin"; did you mean "round-robin"?',
      },
    ],
    [
      'with a strategy that is no text',
      { load_balancer: { strategy: 5, servers: [{ url: 'http://a.test' }] } },
      { path: ['services', 'app', 'load_balancer', 'strategy'], code: 'GW_CONFIG_TYPE' },
    ],
    [
      'with a server without a URL',
      servers({ weight: 1 }),
      { path: ['services', 'app', 'load_balancer', 'servers', 0], message: '"url" is required' },
    ],
    [
      'with a bad weight',
      servers({ url: 'http://a.test', weight: -1 }),
      {
        path: ['services', 'app', 'load_balancer', 'servers', 0, 'weight'],
        code: 'GW_CONFIG_RANGE',
      },
    ],
    [
      'with servers that take nothing',
      servers({ url: 'http://a.test', weight: 0 }, { url: 'http://b.test', weight: 0 }),
      { path: ['services', 'app', 'load_balancer', 'servers'], code: 'GW_CONFIG_RANGE' },
    ],
    [
      'with an unknown block',
      { ...servers({ url: 'http://a.test' }), miror: {} },
      { path: ['services', 'app', 'miror'], suggestion: 'mirror' },
    ],
    [
      'with a block in the wrong place',
      { load_balancer: { servers: [{ url: 'http://a.test' }], mirror: {} } },
      {
        path: ['services', 'app', 'load_balancer', 'mirror'],
        code: 'GW_CONFIG_UNKNOWN_KEY',
        message:
          'unknown key "mirror" here; it belongs into the service itself, beside load_balancer',
      },
    ],
    [
      'with a misspelled block in the wrong place',
      { load_balancer: { servers: [{ url: 'http://a.test' }], mirrr: {} } },
      {
        path: ['services', 'app', 'load_balancer', 'mirrr'],
        message: expect.stringContaining('did you mean "mirror", which belongs into'),
      },
    ],
  ])('is refused %s', async (_how, block, problem) => {
    expect(await problemsOf({ services: { app: block } })).toMatchObject([problem])
  })

  it.each([
    ['http://', '"http://" is not a URL; expected "http://host:port"'],
    ['http://a b', '"http://a b" is not a URL; expected "http://host:port"'],
    ['ftp://a.test', 'nothing sends to "ftp:"; known schemes: http'],
    ['http://user:pass@a.test', 'a server URL takes no user name'],
    ['http://a.test?x=1', 'a server URL takes no query or fragment'],
    ['http://a.test#x', 'a server URL takes no query or fragment'],
  ])('is refused with the URL %s', async (url, message) => {
    expect(await problemsOf({ services: { app: servers({ url }) } })).toMatchObject([
      {
        path: ['services', 'app', 'load_balancer', 'servers', 0, 'url'],
        code: 'GW_CONFIG_URL',
        message,
      },
    ])
  })

  it('is told every scheme that can be had, and who brings others', async () => {
    const loader = new MemoryLoader({
      'transport https': plugin('secure', () => undefined),
      'transport tcp': plugin('raw', () => undefined),
    })
    await using memory = await startMemory({}, [], { loader })
    const services = { app: servers({ url: 'finger://a.test' }) }

    expect(await memory.gateway.validate(plainConfig({ services }))).toMatchObject([
      {
        message: 'nothing sends to "finger:"; known schemes: http, https, tcp',
        hint: 'a plugin has to register a transport for "finger"',
      },
    ])
  })

  it('does not show a password', async () => {
    const problems = await problemsOf({
      services: { app: servers({ url: 'http://user:hunter2@a.test' }) },
    })

    expect(JSON.stringify(problems)).not.toContain('hunter2')
  })

  it.each([
    ['a.test', 'http://a.test/'],
    ['10.0.0.1:8080', 'http://10.0.0.1:8080/'],
    ['[::1]:8080', 'http://[::1]:8080/'],
    ['HTTP://A.test:80/base', 'http://a.test/base'],
  ])('may have the server %s', async (url, href) => {
    await using memory = await startMemory({ services: { app: servers({ url }) } })

    expect(memory.gateway.snapshot.services.get('app')?.pool.all[0]?.url.href).toBe(href)
  })

  it('may be the only one with its strategy and its scheme, whose plugins are loaded', async () => {
    const loader = new MemoryLoader({
      'balancer sticky': plugin('sticky', ({ balancers }) =>
        balancers.register({
          type: 'sticky',
          schema: {
            ...noOptions,
            properties: { cookie: { type: 'string', default: 'lb', description: 'Name.' } },
          },
          create: () => ({ pick: ({ available }) => available[0] }),
        }),
      ),
      'transport h2c': plugin('h2', ({ transports }) =>
        transports.register({
          type: 'h2',
          schemes: ['h2', 'h2c'],
          schema: noOptions,
          create: () => ({ send: () => new GatewayResponse({ status: 299 }) }),
        }),
      ),
    })
    const balancing = { strategy: 'sticky', servers: [{ url: 'h2c://a.test' }] }
    await using memory = await startMemory(
      { services: { app: { load_balancer: balancing } } },
      [],
      {
        loader,
      },
    )

    expect(await memory.send()).toMatchObject({ status: 299 })
    expect(memory.gateway.snapshot.config.services['app']).toEqual({
      load_balancer: { ...balancing, cookie: 'lb', servers: [{ url: 'h2c://a.test', weight: 1 }] },
    })
    expect([memory.gateway.snapshot.uses('sticky'), memory.gateway.snapshot.uses('h2')]).toEqual([
      true,
      true,
    ])
  })
})

describe('services that refer to services', () => {
  it('are refused if one is missing', async () => {
    const services = {
      app: { ...service('http://a.test'), mirror: { to: 'shadw' } },
      shadow: service('http://b.test'),
    }

    expect(await problemsOf({ services })).toMatchObject([
      {
        path: ['services', 'app', 'mirror', 'to'],
        code: 'GW_UNKNOWN_REFERENCE',
        suggestion: 'shadow',
      },
    ])
  })

  it('are refused if they go round in a circle', async () => {
    const services = { app: to('b'), b: to('c'), c: to('d'), d: to('b') }

    expect(await problemsOf({ services })).toEqual([
      {
        path: ['services', 'b', 'mirror', 'to'],
        code: 'GW_REFERENCE_CYCLE',
        message: 'services refer to each other in a circle: b → c → d → b',
      },
    ])
  })

  it('are refused if one refers to itself', async () => {
    const services = { app: { ...service('http://a.test'), mirror: { to: 'app' } } }

    expect(await problemsOf({ services })).toMatchObject([{ code: 'GW_REFERENCE_CYCLE' }])
  })

  it('may share one that they refer to', async () => {
    const mirror = { mirror: { to: 'c' } }
    const services = {
      app: { ...service('http://a.test'), ...mirror },
      b: { ...service('http://b.test'), ...mirror },
      c: service('http://c.test'),
    }

    expect(await problemsOf({ services })).toEqual([])
  })
})

function to(target: string): Readonly<Record<string, unknown>> {
  return { ...service('http://a.test'), mirror: { to: target } }
}

function servers(...list: readonly unknown[]): Readonly<Record<string, unknown>> {
  return { load_balancer: { servers: list } }
}

const mirroring: Plugin = plugin('mirroring', ({ serviceFeatures }) =>
  serviceFeatures.register({
    type: 'mirror',
    parent: 'service',
    stage: 0,
    schema: {
      ...noOptions,
      properties: {
        to: { type: 'string', 'x-gatewright-ref': 'service', description: 'Where copies go.' },
      },
    },
    create: () => ({}),
  }),
)

async function problemsOf(config: GatewayConfigInput): Promise<readonly ConfigProblem[]> {
  await using memory = new MemoryGateway([mirroring])
  return await memory.gateway.validate(plainConfig(config))
}
