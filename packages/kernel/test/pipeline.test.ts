import { describe, expect, it, vi } from 'vitest'
import { Stage } from '../src/hooks.ts'
import type { Middleware } from '../src/middleware.ts'
import type { PluginGateway } from '../src/plugin.ts'
import { tapOrder } from '../src/tap-order.ts'
import {
  bareMiddleware,
  MemoryGateway,
  plainConfig,
  plugin,
  startMemory,
} from './support/memory-gateway.ts'

const schema = { type: 'object', additionalProperties: false, properties: {} } as const
const app = { load_balancer: { servers: [{ url: 'http://app.test' }] } }

describe('the pipeline of a router', () => {
  it('tells what its exchanges pass, in the order in which they pass it', async () => {
    const passed: string[] = []
    const note = (what: string): undefined => void passed.push(what)
    const parts = plugin('parts', (gateway) => {
      middleware(gateway, 'filter', {
        onRequest: () => note('filter onRequest'),
        onResponse: () => note('filter onResponse'),
      })
      middleware(gateway, 'around', {
        around: (ctx, next) => {
          note('around around')
          return next(ctx)
        },
      })
      for (const [type, stage] of [
        ['inner', 10],
        ['outer', -10],
      ] as const) {
        gateway.serviceFeatures.register({
          type,
          parent: 'service',
          stage,
          schema,
          create: () => ({
            around: (ctx, next) => {
              note(`${type} around`)
              return next(ctx)
            },
          }),
        })
      }
    })
    await using memory = await startMemory(
      {
        middlewares: { a: { type: 'around' }, f: { type: 'filter' } },
        routers: { app: { rule: '/', service: 'app', middlewares: ['f', 'a'] } },
        services: { app: { ...app, inner: {}, outer: {} } },
      },
      [parts],
    )

    await memory.send()
    const pipeline = memory.gateway.snapshot.pipelines.get('app')

    expect(pipeline).toMatchObject({
      router: 'app',
      kind: 'http',
      middlewares: [
        { name: 'f', type: 'filter', plugin: 'parts', phases: ['onRequest', 'onResponse'] },
        { name: 'a', type: 'around', plugin: 'parts', phases: ['around'] },
      ],
      service: {
        service: 'app',
        features: [
          { name: 'outer', plugin: 'parts', stage: -10, phases: ['around'] },
          { name: 'inner', plugin: 'parts', stage: 10, phases: ['around'] },
        ],
        balancer: { plugin: expect.any(String) },
        transports: [{ plugin: expect.any(String) }],
      },
    })
    const told = [
      ...(pipeline?.middlewares.map(({ type, phases: [phase] }) => `${type} ${phase}`) ?? []),
      ...(pipeline?.service.features.map(({ type }) => `${type} around`) ?? []),
    ]
    expect(passed).toEqual([...told, 'filter onResponse'])
  })
})

describe('the order of taps that is told', () => {
  it('is the one in which they run', async () => {
    const ran: string[] = []
    const tapping = plugin('tapping', ({ hooks }) => {
      hooks.finish.tap({ name: 'last', stage: Stage.last }, () => void ran.push('last'))
      hooks.finish.tap('normal', () => void ran.push('normal'))
      hooks.finish.tap(
        { name: 'moved', stage: Stage.late, before: 'normal' },
        () => void ran.push('moved'),
      )
      hooks.finish.tap({ name: 'first', stage: Stage.first }, () => void ran.push('first'))
    })
    await using memory = new MemoryGateway([tapping])
    memory.gateway.hooks.finish.tap('program', () => void ran.push('program'))
    await memory.gateway.start(plainConfig())

    await memory.send()
    const { hooks, snapshot } = memory.gateway
    const told = tapOrder(hooks, 'finish', snapshot)

    expect(told.map(({ name }) => name)).toEqual(ran)
    expect(told.find(({ name }) => name === 'moved')).toEqual({
      name: 'moved',
      plugin: 'tapping',
      stage: Stage.late,
      before: ['normal'],
    })
    expect(tapOrder(hooks, 'route', snapshot)).toMatchObject([
      { name: '@gatewright/kernel', plugin: undefined },
    ])
  })
})

describe('a configuration that is only looked at', () => {
  it('is built, and starts nothing', async () => {
    const trace: string[] = []
    const held = plugin('held', ({ middlewares }) =>
      middlewares.register(
        bareMiddleware('held', (scope) => {
          scope.onActivate(() => void trace.push('activated'))
          scope.defer(() => void trace.push('discarded'))
          return { onRequest: () => undefined }
        }),
      ),
    )
    await using memory = new MemoryGateway([held])
    const config = plainConfig({
      middlewares: { held: { type: 'held' } },
      routers: { app: { rule: '/', service: 'app', middlewares: ['held'] } },
    })

    const found = await memory.gateway.inspect(config, ({ snapshot, understood }) => {
      trace.push('looked at')
      return [...snapshot.pipelines.keys(), understood.blueprint.routers.length]
    })

    expect(found).toEqual(['app', 1])
    expect(trace).toEqual(['looked at', 'discarded'])
    expect(memory.gateway.state).toBe('idle')
    expect(memory.network.boundAddresses).toEqual([])
  })

  it('is not looked at if anything is wrong with it', async () => {
    await using memory = new MemoryGateway()
    const config = plainConfig({ routers: { app: { rule: '/', service: 'nobody' } } })
    const look = vi.fn<() => void>()

    await expect(memory.gateway.inspect(config, look)).rejects.toMatchObject({
      code: 'GW_CONFIG_INVALID',
      problems: [{ path: ['routers', 'app', 'service'] }],
    })
    expect(look).not.toHaveBeenCalled()
  })
})

function middleware({ middlewares }: PluginGateway, type: string, made: Middleware): void {
  middlewares.register(bareMiddleware(type, () => made))
}
