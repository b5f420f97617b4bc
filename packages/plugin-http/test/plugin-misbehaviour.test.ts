import {
  definePlugin,
  type GatewayHooks,
  GatewayResponse,
  type Middleware,
  type Plugin,
  type RequestContext,
  Stage,
} from '@gatewright/kernel'
import { hang, reply, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { startBehind } from './behind.ts'

/** What a plugin does wrong, if the request says so. */
type Fault = () => unknown

const faults: readonly (readonly [string, Fault, number, string])[] = [
  ['throws', () => fail(new Error('secret')), 500, 'GW_PLUGIN_ERROR'],
  ['throws nothing', () => fail(undefined), 500, 'GW_PLUGIN_ERROR'],
  ['throws what has no text', () => fail(Object.create(null)), 500, 'GW_PLUGIN_ERROR'],
  ['rejects', () => Promise.reject(new Error('secret')), 500, 'GW_PLUGIN_ERROR'],
  ['returns nonsense', () => 42, 500, 'GW_PLUGIN_BAD_RESULT'],
  ['resolves with nonsense', () => Promise.resolve('x'), 500, 'GW_PLUGIN_BAD_RESULT'],
  ['never answers', () => new Promise(() => undefined), 500, 'GW_PLUGIN_TIMEOUT'],
]

const onTheWayOut: readonly (readonly [string, Fault, number, string])[] = faults.map(
  ([what, fault, status, code]) =>
    code === 'GW_PLUGIN_ERROR'
      ? [what, fault, 502, 'GW_PLUGIN_RESPONSE_ERROR']
      : [what, fault, status, code],
)

describe.each(faults)('a middleware that %s', (_what, fault, status, code) => {
  it('in onRequest fails its own request', async () => {
    await expectOneFailure({ onRequest: (ctx) => misbehave(ctx.request.path, fault) }, status, code)
  })

  it('in around fails its own request', async () => {
    const around: Middleware = {
      around: (ctx, next) =>
        ctx.request.path === '/bad' ? (fault() as GatewayResponse) : next(ctx),
    }
    await expectOneFailure(around, status, code)
  })
})

describe.each(onTheWayOut)('a middleware that %s', (_what, fault, status, code) => {
  it('in onResponse fails its own request', async () => {
    const middleware: Middleware = { onResponse: (ctx) => misbehave(ctx.request.path, fault) }
    await expectOneFailure(middleware, status, code)
  })
})

describe.each(faults)('a plugin that %s', (_what, fault, status, code) => {
  it('in the hook "request" fails its own request', async () => {
    const plugin = tapping('request', ({ request }) => misbehave(request.path, fault))
    await expectOneFailure(plugin, status, code)
  })
})

describe.each([
  ['rejects', () => Promise.reject(new Error('secret')), 'GW_PLUGIN_ERROR'],
  ['never answers', () => new Promise(() => undefined), 'GW_PLUGIN_TIMEOUT'],
] satisfies [string, Fault, string][])('a plugin that %s', (_what, fault, code) => {
  it('in the hook "upstream" fails its own request, which is not sent', async () => {
    await expectOneFailure(tapping('upstream', misbehaving(fault)), 500, code)
  })

  it('in the hook "response" fails its own request', async () => {
    const rejected = code === 'GW_PLUGIN_ERROR'
    const plugin = tapping('response', misbehaving(fault))
    await expectOneFailure(
      plugin,
      rejected ? 502 : 500,
      rejected ? 'GW_PLUGIN_RESPONSE_ERROR' : code,
    )
  })

  it('in the hook "route", which cannot wait, fails its own request', async () => {
    await expectOneFailure(tapping('route', misbehaving(fault)), 500, 'GW_PLUGIN_BAD_RESULT')
  })
})

describe('a plugin that throws', () => {
  it('in the hook "route" fails its own request', async () => {
    await expectOneFailure(tapping('route', routed), 500, 'GW_PLUGIN_ERROR')
  })

  it('in the hook "upstream" fails its own request, which is not sent', async () => {
    await expectOneFailure(tapping('upstream', routed), 500, 'GW_PLUGIN_ERROR')
  })

  it('in the hook "response" fails its own request', async () => {
    const plugin = tapping('response', routed)
    await expectOneFailure(plugin, 502, 'GW_PLUGIN_RESPONSE_ERROR')
  })

  it.each(['upstreamEnd', 'finish'] as const)('in the hook "%s" fails nothing', async (hook) => {
    await using upstream = await startUpstream(reply(200, {}, 'fine'))
    await using gateway = await startBehind(upstream, { plugins: [tapping(hook, routed)] })
    using client = await gateway.connect()

    await client.send('GET /bad HTTP/1.1\r\nHost: h\r\n\r\n')

    expect((await client.readResponse()).text).toBe('fine')
    expect(gateway.logs.find({ code: 'GW_PLUGIN_ERROR' })).toHaveLength(1)
  })

  it('in the hook "connection" costs its own connection', async () => {
    let first = true
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, {
      plugins: [
        tapping('connection', () => {
          if (!first) return undefined
          first = false
          throw new Error('secret')
        }),
      ],
    })
    using refused = await gateway.connect()
    using accepted = await gateway.connect()

    expect(await refused.readToEnd()).toHaveLength(0)
    await accepted.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    expect((await accepted.readResponse()).status).toBe(200)
    expect(gateway.logs.find({ msg: 'connection refused' })).toHaveLength(1)
  })

  it('when its connection has closed does not harm anybody', async () => {
    await using upstream = await startUpstream()
    const gateway = await startBehind(upstream, {
      plugins: [
        tapping('connection', (connection) => {
          connection.defer(() => fail(new Error('late')))
          return undefined
        }),
      ],
    })

    expect((await gateway.request('/')).status).toBe(200)
    await gateway.close()
    expect(gateway.logs.find({ msg: 'deferred work of a connection failed' })).toHaveLength(1)
  })

  it('while a body goes by breaks its own response', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'x'.repeat(100)))
    await using gateway = await startBehind(upstream, {
      middleware: {
        onResponse: (ctx, response) => response.observeBody(() => routed(ctx)),
      },
    })
    using client = await gateway.connect()

    await client.send('GET /bad HTTP/1.1\r\nHost: h\r\n\r\n')

    expect(await client.closed()).toBe('reset')
    expect((await gateway.request('/good')).status).toBe(200)
    expect(gateway.endpoint().active).toBe(0)
  })
})

describe('a response that a plugin made and that cannot be sent', () => {
  it.each([
    ['its status', () => new GatewayResponse({ status: 99 }), 502, 'GW_HTTP1_UNSENDABLE_STATUS'],
    [
      'its promise of an upgrade',
      () => new GatewayResponse({ status: 101 }),
      502,
      'GW_HTTP1_UNSENDABLE_STATUS',
    ],
  ])('for %s becomes an error', async (_why, make, status, code) => {
    await expectOneFailure(
      { onRequest: ({ request }) => (request.path === '/bad' ? make() : undefined) },
      status,
      code,
      true,
    )
  })
})

describe('an exchange that is given up while a plugin thinks', () => {
  it('ends at once, and its late answer reaches nobody', async () => {
    const answer = Promise.withResolvers<GatewayResponse>()
    const asked = Promise.withResolvers<void>()
    await using upstream = await startUpstream(hang())
    await using gateway = await startBehind(upstream, {
      middleware: {
        onRequest: () => {
          asked.resolve()
          return answer.promise
        },
      },
    })
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await asked.promise
    client.reset()
    await finished(gateway)
    answer.resolve(new GatewayResponse({ status: 200, body: 'late' }))

    expect(upstream.requests).toHaveLength(0)
  })

  it('on the way out closes the connection to the upstream at once', async () => {
    const asked = Promise.withResolvers<void>()
    await using upstream = await startUpstream(reply(200, {}, 'x'.repeat(300_000)))
    await using gateway = await startBehind(upstream, {
      middleware: {
        onResponse: async () => {
          asked.resolve()
          await new Promise(() => undefined)
        },
      },
    })
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    await asked.promise
    client.reset()

    expect(await (await upstream.nextRequest()).gone).toBeDefined()
    await finished(gateway)
  })
})

type Tap<N extends keyof GatewayHooks> = Parameters<GatewayHooks[N]['tap']>[1]

function tapping<N extends keyof GatewayHooks>(name: N, fn: Tap<N>): Plugin<undefined> {
  return definePlugin({
    name: 'tapping',
    // The hook of that name takes a tap of that type.
    setup: (gateway) =>
      gateway.hooks[name].tap({ name: 'tapping', stage: Stage.early }, fn as never),
  })
}

const routed = misbehaving(() => fail(new Error('secret')))

/** A tap of any hook that has an exchange. */
function misbehaving(fault: Fault): (exchange: unknown) => undefined {
  // Every exchange here is one of HTTP.
  return (exchange) => misbehave((exchange as RequestContext).request.path, fault)
}

function misbehave(path: string, fault: Fault): undefined {
  // Nothing of the kind is allowed by the types.
  return path === '/bad' ? (fault() as undefined) : undefined
}

function fail(reason: unknown): never {
  // Plugins throw anything.
  throw reason
}

/** One request fails with the status; another one at the same time and a later one do not. */
async function expectOneFailure(
  by: Middleware | Plugin<undefined>,
  status: number,
  code: string,
  closes = false,
): Promise<void> {
  await using upstream = await startUpstream(reply(200, {}, 'fine'))
  const setup = 'setup' in by ? { plugins: [by] } : { middleware: by }
  await using gateway = await startBehind(upstream, { ...setup, pendingTimeoutMs: 1 })
  using client = await gateway.connect()

  await client.send('GET /bad HTTP/1.1\r\nHost: h\r\n\r\n')
  const [bad, good] = await Promise.all([client.readResponse(), gateway.request('/good')])

  expect(bad.status).toBe(status)
  expect(bad.json()).toMatchObject({ code, error: expect.any(String) })
  expect(bad.text).not.toContain('secret')
  expect(good).toMatchObject({ status: 200, text: 'fine' })
  expect(gateway.logs.find({ level: 'error', code, source: 'gateway' })).toHaveLength(1)
  expect(gateway.endpoint().active).toBe(0)
  if (closes) return
  await client.send('GET /good HTTP/1.1\r\nHost: h\r\n\r\n')
  expect((await client.readResponse()).text).toBe('fine')
}

async function finished({ gateway }: { gateway: { exchanges: number } }): Promise<void> {
  while (gateway.exchanges > 0) await new Promise((resolve) => setImmediate(resolve))
}
