import { describe, expect, it } from 'vitest'
import { errors } from '../src/errors.ts'
import { HeaderList } from '../src/headers.ts'
import { Stage } from '../src/hooks.ts'
import type { Middleware } from '../src/middleware.ts'
import { GatewayResponse } from '../src/response.ts'
import type { StreamRoute } from '../src/routing.ts'
import { PushedSource } from './support/bodies.ts'
import { fakeConnection, fakeRequest } from './support/contexts.ts'
import {
  chainConfig,
  type MemoryGateway,
  middlewaresOf,
  plugin,
  startMemory,
} from './support/memory-gateway.ts'
import type { MemoryServer } from './support/memory-network.ts'

describe('an HTTP exchange', () => {
  it('goes through the phases in their order', async () => {
    const trace: string[] = []
    const note = (what: string) => (): undefined => void trace.push(what)
    const taps = plugin('trace', ({ hooks }) => {
      hooks.connection.tap('trace', note('connection'))
      hooks.request.tap('trace', note('request'))
      hooks.route.tap({ name: 'trace', stage: Stage.early }, note('route'))
      hooks.upstream.tap('trace', note('upstream'))
      hooks.upstreamEnd.tap('trace', note('upstreamEnd'))
      hooks.response.tap('trace', note('response'))
      hooks.finish.tap('trace', note('finish'))
    })
    const chain = middlewaresOf({
      m: () => ({ onRequest: note('in'), onResponse: note('out') }),
    })
    await using memory = await startMemory(chainConfig({ m: { type: 'm' } }), [taps, chain])

    await memory.send()

    expect(trace).toEqual([
      'connection',
      'request',
      'route',
      'in',
      'upstream',
      'upstreamEnd',
      'out',
      'response',
      'finish',
    ])
  })

  it('gives up at its end what a middleware replaced and nobody has read', async () => {
    const source = new PushedSource(['of the upstream'], 'open')
    const replacing = middlewaresOf({
      m: () => ({
        onResponse: (_ctx, response) => {
          expect(response.body).not.toBeNull()
          response.body = 'of the middleware'
        },
      }),
    })
    await using memory = await startMemory(chainConfig({ m: { type: 'm' } }), [replacing])
    memory.upstream.respond = () => new GatewayResponse({ status: 200, body: source })

    await memory.send()

    expect(source.cancelled).toBe(true)
  })

  it('has its response, its route and its attempts when it has ended', async () => {
    const seen: unknown[] = []
    const taps = plugin('log', ({ hooks }) =>
      hooks.finish.tap('log', (exchange) => {
        if (!('response' in exchange)) return
        seen.push(exchange.response, exchange.route?.router, exchange.attempts?.length)
      }),
    )
    await using memory = await startMemory({}, [taps])

    const { response } = await memory.send()

    expect(seen).toEqual([response, 'app', 1])
  })

  it('ends once', async () => {
    const ended: string[] = []
    const taps = plugin('log', ({ hooks }) => hooks.finish.tap('log', () => void ended.push('x')))
    await using memory = await startMemory({}, [taps])
    const exchange = memory.web.open()
    await exchange.answer

    memory.web.ingress.close(exchange.ctx)
    memory.web.ingress.close(exchange.ctx)
    exchange.finish()

    expect(ended).toEqual(['x'])
  })

  it('gives up the body of a response for which nobody is left', async () => {
    const body = new PushedSource(['x'])
    const gate = Promise.withResolvers<GatewayResponse>()
    await using memory = await startMemory()
    memory.upstream.respond = () => gate.promise
    const exchange = memory.web.open()

    exchange.finish()
    gate.resolve(new GatewayResponse({ status: 200, body }))
    await exchange.answer

    expect(body.cancelled).toBe(true)
  })

  it('can be told of a 1xx response before it has its own', async () => {
    const informed: unknown[] = []
    const early = middlewaresOf({
      early: () => ({
        onRequest: (ctx) => ctx.inform(103, new HeaderList(['link', '</a.css>'])),
        onResponse: () => undefined,
      }),
    })
    await using memory = await startMemory(chainConfig({ early: { type: 'early' } }), [early])
    const { ingress } = memory.web

    const ctx = ingress.openRequest(memory.web.connect(), fakeRequest(), (status, headers) =>
      informed.push(status, headers.get('link')),
    )
    await ingress.handle(ctx)
    ctx.inform(103, new HeaderList())
    ingress.close(ctx)

    expect(informed).toEqual([103, '</a.css>'])
  })

  it('is not found if its route is one of another kind', async () => {
    const stream: StreamRoute = {
      kind: 'stream',
      network: 'tcp',
      router: 's',
      service: 'app',
      enter: () => undefined,
    }
    const taps = plugin('odd', ({ hooks }) =>
      hooks.route.tap({ name: 'odd', stage: Stage.early }, () => stream),
    )
    await using memory = await startMemory({}, [taps])

    expect(await memory.send()).toMatchObject({ status: 404 })
  })
})

describe('a client address', () => {
  it('is found behind proxies that the entrypoint trusts', async () => {
    const seen: string[] = []
    const taps = plugin('log', ({ hooks }) =>
      hooks.request.tap('log', ({ clientAddress }) => void seen.push(clientAddress)),
    )
    await using memory = await startMemory({}, [taps])
    const asked: unknown[] = []
    const connection = memory.web.connect({
      clientAddressOf: (request) => {
        asked.push(request)
        return request.headers.get('x-forwarded-for') ?? '?'
      },
    })

    const exchange = memory.web.open({ headers: ['x-forwarded-for', '203.0.113.9'] }, connection)
    await exchange.read()

    expect(exchange.ctx.clientAddress).toBe('203.0.113.9')
    expect(seen).toEqual(['203.0.113.9'])
    expect(asked).toHaveLength(1)
  })
})

describe('a connection', () => {
  it('of an entrypoint that nobody knows is reset', async () => {
    await using memory = await startMemory()
    const { ingress } = memory.web

    for (const entrypoint of ['gone', 'constructor']) {
      expect(ingress.admit(fakeConnection(ingress.snapshot, { entrypoint }))).toEqual({
        reason: `entrypoint "${entrypoint}" is not active`,
        reset: true,
      })
    }
  })
})

describe('a stream', () => {
  it('is led to its route through its filters', async () => {
    const trace: string[] = []
    await using memory = await streaming(trace, {
      a: { onConnection: () => void trace.push('a') },
      b: { onConnection: async () => void trace.push('b') },
      c: { onRequest: () => undefined, onConnection: () => null as unknown as undefined },
    })
    const exchange = raw(memory).openStream()

    expect(await exchange.refusal).toBeUndefined()
    expect(trace).toEqual(['a', 'b'])
    expect(exchange.ctx.route?.router).toBe('raw')
    const attempt = memory.gateway.snapshot.services.get('app')?.begin(exchange.ctx)
    expect(attempt?.endpoint.url.href).toBe('http://app.test/')
    expect(attempt?.headers.size).toBe(0)
    exchange.finish()
    expect(attempt?.endpoint.active).toBe(0)
    expect(trace).toEqual(['a', 'b', 'finish'])
  })

  it.each<[string, Middleware['onConnection'], unknown]>([
    ['refuses', () => ({ reason: 'blocked', reset: true }), { reason: 'blocked', reset: true }],
    ['refuses later', async () => ({ reason: 'blocked' }), { reason: 'blocked' }],
    ['throws', () => raise(new Error('boom')), { error: { code: 'GW_PLUGIN_ERROR' } }],
    ['rejects', async () => raise(new Error('boom')), { error: { code: 'GW_PLUGIN_ERROR' } }],
    [
      'throws what it knows',
      () => raise(errors.GW_BAD_REQUEST({ problem: 'no greeting' })),
      { reason: 'no greeting', error: { code: 'GW_BAD_REQUEST' } },
    ],
    ['returns nonsense', () => true as never, { error: { code: 'GW_PLUGIN_BAD_RESULT' } }],
  ])(
    'is refused when a filter %s, and the rest is not asked',
    async (_how, onConnection, refusal) => {
      const trace: string[] = []
      await using memory = await streaming(trace, {
        a: { ...(onConnection && { onConnection }) },
        b: { onConnection: () => void trace.push('b') },
      })

      const exchange = raw(memory).openStream()

      expect(await exchange.refusal).toMatchObject(refusal as object)
      exchange.finish()
      expect(trace).toEqual(['finish'])
    },
  )

  it('that fails is logged', async () => {
    await using memory = await streaming([], {
      a: { onConnection: () => raise(new Error('boom')) },
    })

    const exchange = raw(memory).openStream()
    await exchange.refusal
    exchange.finish()

    expect(memory.logs.find('connection failed')).toMatchObject([
      {
        level: 'error',
        code: 'GW_PLUGIN_ERROR',
        problem: 'middleware "a" of plugin "test-middlewares" failed in onConnection: boom',
        router: 'raw',
      },
    ])
  })

  it('without a route is refused', async () => {
    await using memory = await startMemory({
      entrypoints: { raw: { address: '127.0.0.1:90', protocol: 'tcp' } },
      routers: {},
    })
    const server = raw(memory)

    const named = server.openStream(server.connect({ serverName: 'db.test' }))
    const unnamed = server.openStream()

    expect(await named.refusal).toMatchObject({ reason: 'no route matches "db.test"' })
    expect(await unnamed.refusal).toMatchObject({ reason: 'no route matches "raw"' })
    named.finish()
    unnamed.finish()
  })

  it('is refused when a tap of route fails', async () => {
    const taps = plugin('bad', ({ hooks }) =>
      hooks.route.tap({ name: 'bad', stage: Stage.early }, () => raise(new Error('boom'))),
    )
    await using memory = await streaming([], { a: { onConnection: () => undefined } }, [taps])

    const exchange = raw(memory).openStream()

    expect(await exchange.refusal).toMatchObject({ error: { code: 'GW_PLUGIN_ERROR' } })
    exchange.finish()
  })
})

function streaming(
  trace: string[],
  filters: Readonly<Record<string, Middleware>>,
  plugins: readonly ReturnType<typeof plugin>[] = [],
): Promise<MemoryGateway> {
  const names = Object.keys(filters)
  return startMemory(
    {
      entrypoints: { raw: { address: '127.0.0.1:90', protocol: 'tcp' } },
      routers: { raw: { rule: '*', service: 'app', middlewares: names } },
      middlewares: Object.fromEntries(names.map((type) => [type, { type }])),
    },
    [
      middlewaresOf(
        Object.fromEntries(Object.entries(filters).map(([type, made]) => [type, () => made])),
      ),
      plugin('trace', ({ hooks }) => hooks.finish.tap('trace', () => void trace.push('finish'))),
      ...plugins,
    ],
  )
}

function raw({ network }: MemoryGateway): MemoryServer {
  return network.at('127.0.0.1:90')
}

function raise(error: unknown): never {
  throw error
}
