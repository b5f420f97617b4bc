import { describe, expect, it } from 'vitest'
import type { ConfigProblem, GatewayConfigInput } from '../src/config.ts'
import type { Plugin } from '../src/plugin.ts'
import {
  MemoryGateway,
  middlewaresOf,
  plainConfig,
  plugin,
  startMemory,
} from './support/memory-gateway.ts'
import { MemoryLoader } from './support/memory-loader.ts'

const route = { rule: '/', service: 'app' }
const servers = [{ url: 'http://10.0.0.1:80' }]

describe('an optional plugin that is not there', () => {
  it.each<[string, GatewayConfigInput]>([
    [
      'middleware',
      {
        routers: { geo: { rule: '/geo', service: 'app', middlewares: ['eu'] }, plain: route },
        middlewares: { eu: { type: 'geo-block', countries: ['FR'] } },
      },
    ],
    [
      'strategy',
      {
        routers: { geo: { rule: '/geo', service: 'near' }, plain: route },
        services: {
          app: { load_balancer: { servers } },
          near: { load_balancer: { strategy: 'nearest-city', servers, radius: 50 } },
        },
      },
    ],
    [
      'service feature',
      {
        routers: { geo: { rule: '/geo', service: 'near' }, plain: route },
        services: {
          app: { load_balancer: { servers } },
          near: { fence: { radius: 50 }, load_balancer: { servers } },
        },
      },
    ],
    [
      'transport',
      {
        routers: { geo: { rule: '/geo', service: 'near' }, plain: route },
        services: {
          app: { load_balancer: { servers } },
          near: { load_balancer: { servers: [{ url: 'pigeon://10.0.0.1:80' }] } },
        },
      },
    ],
  ])('makes routers that need its %s answer 503, and no others', async (_kind, config) => {
    await using memory = await start(config)

    expect(await memory.send({ target: '/geo/x' })).toMatchObject({
      status: 503,
      response: { error: { code: 'GW_PLUGIN_UNAVAILABLE' } },
    })
    expect(await memory.send({ target: '/x' })).toMatchObject({ status: 200 })
  })

  it('takes its sections, providers and entrypoints with it', async () => {
    await using memory = await start({
      entrypoints: {
        web: { address: '127.0.0.1:80' },
        birds: { address: '127.0.0.1:81', protocol: 'pigeon' },
      },
      routers: { all: route, birds: { ...route, entrypoints: ['birds'] } },
      atlas: { scale: 10 },
      providers: { map: { sheet: 7 } },
    })

    expect([...memory.gateway.addresses.keys()]).toEqual(['web'])
    expect(memory.gateway.snapshot.routes.map(({ router }) => router)).toEqual(['all'])
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it('is told of once, with what it takes along', async () => {
    const config = { middlewares: { eu: { type: 'geo-block' } } }
    await using memory = await start(config)
    await memory.reload(plainConfig({ plugins: absent(), ...config }))

    const warnings = memory.logs.lines.filter(({ code }) => code === 'GW_NOWHERE')
    expect(warnings).toMatchObject([
      { path: 'plugins.geo', msg: 'optional plugin "geo" is left out: it is nowhere' },
    ])
    expect(memory.logs.lines).toContainEqual(
      expect.objectContaining({
        path: 'middlewares.eu.type',
        code: 'GW_PLUGIN_UNAVAILABLE',
        msg: 'middleware "geo-block" needs plugin "geo", which could not be loaded',
      }),
    )
  })

  it('excuses no type that it does not have', async () => {
    const provides = { middleware: ['geo-block'] }
    const config = { middlewares: { eu: { type: 'geo-lock' } } }

    expect(await problemsOf(config, provides)).toMatchObject([{ code: 'GW_UNKNOWN_TYPE' }])
  })

  it('excuses no type that is just misspelt, if nobody knows what it has', async () => {
    const config = { routers: { all: { ...route, middlewares: ['gate'] } } }
    const gates = middlewaresOf({ gate: () => ({}) })
    const middlewares = { gate: { type: 'gat' } }

    expect(await problemsOf({ ...config, middlewares }, undefined, [gates])).toMatchObject([
      { path: ['middlewares', 'gate', 'type'], suggestion: 'gate' },
    ])
  })

  it('comes back with the next configuration', async () => {
    const loader = new MemoryLoader()
    const config = plainConfig({
      plugins: absent(),
      routers: { all: { ...route, middlewares: ['eu'] } },
      middlewares: { eu: { type: 'geo-block' } },
    })
    await using memory = new MemoryGateway([], { loader })
    await memory.gateway.start(config)
    const before = await memory.send()

    loader.sources['./geo.js'] = middlewaresOf({
      'geo-block': () => ({ onRequest: () => undefined }),
    })
    await memory.gateway.reload(config)

    expect(before).toMatchObject({ status: 503 })
    expect(await memory.send()).toMatchObject({ status: 200 })
  })
})

describe('an optional plugin whose set-up fails', () => {
  it('is left out like one that is not there', async () => {
    const bad = plugin('bad', () => {
      throw new Error('no luck')
    })
    const loader = new MemoryLoader({}, { './geo.js': bad })
    await using memory = await startMemory(
      {
        plugins: absent(),
        routers: { all: { ...route, middlewares: ['eu'] } },
        middlewares: { eu: { type: 'geo-block' } },
      },
      [],
      { loader },
    )

    expect(await memory.send()).toMatchObject({ status: 503 })
    expect(memory.logs.lines).toContainEqual(
      expect.objectContaining({
        code: 'GW_PLUGIN_SETUP_FAILED',
        msg: expect.stringMatching(
          /^optional plugin "geo" is left out: plugin "bad" failed: no luck \(at .+:\d+\)$/,
        ),
      }),
    )
  })
})

function absent(provides?: object): Record<string, object> {
  return { geo: { source: './geo.js', optional: true, ...(provides && { provides }) } }
}

/** With an optional plugin of which nobody knows what it has. */
function start(config: GatewayConfigInput): Promise<MemoryGateway> {
  return startMemory({ plugins: absent(), ...config }, [], { loader: new MemoryLoader() })
}

async function problemsOf(
  config: GatewayConfigInput,
  provides: object | undefined,
  plugins: readonly Plugin[] = [],
): Promise<readonly ConfigProblem[]> {
  await using memory = new MemoryGateway(plugins, { loader: new MemoryLoader() })
  return await memory.gateway.validate(plainConfig({ plugins: absent(provides), ...config }))
}
