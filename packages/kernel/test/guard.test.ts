import { describe, expect, it } from 'vitest'
import { Stage } from '../src/hooks.ts'
import type { Plugin } from '../src/plugin.ts'
import { GatewayResponse } from '../src/response.ts'
import { MemoryGateway, plainConfig, plugin, startMemory } from './support/memory-gateway.ts'
import { refusalOf } from './support/memory-network.ts'

const ways = ['throws', 'rejects'] as const

describe('a tap without an opinion', () => {
  it.each([undefined, null])('lets things go on when it returns %s', async (nothing) => {
    const answer = nothing as undefined
    const trace: string[] = []
    const taps = plugin('mute', ({ hooks }) => {
      hooks.config.tap('mute', () => answer as never)
      hooks.connection.tap('mute', () => answer)
      hooks.request.tap('mute', () => answer)
      hooks.request.tapPromise('mute', () => Promise.resolve(answer))
      hooks.route.tap('mute', () => answer)
      hooks.request.tap({ name: 'mute', stage: Stage.last }, () => void trace.push('request'))
      hooks.connection.tap({ name: 'mute', stage: Stage.last }, () => void trace.push('connection'))
      hooks.route.tap({ name: 'mute', stage: Stage.early }, () => void trace.push('route'))
    })
    await using memory = await startMemory({}, [taps])

    expect(await memory.send()).toMatchObject({ status: 200 })
    expect(trace).toEqual(['connection', 'request', 'route'])
  })
})

describe('the order of taps', () => {
  it('goes by stage and then by the order of tapping', async () => {
    const trace: string[] = []
    const taps = plugin('order', ({ hooks }) => {
      for (const stage of ['late', 'normal', 'first', 'last', 'early'] as const) {
        hooks.request.tap({ name: 'order', stage: Stage[stage] }, () => void trace.push(stage))
      }
      hooks.request.tap('order', () => void trace.push('normal again'))
    })
    await using memory = await startMemory({}, [taps])

    await memory.send()

    expect(trace).toEqual(['first', 'early', 'normal', 'normal again', 'late', 'last'])
  })

  it('refuses a tap that stands before a name that nobody tapped', async () => {
    const taps = plugin('order', ({ hooks }) => {
      hooks.request.tap('order', () => undefined)
      hooks.request.tap({ name: 'order', before: 'jwt' }, () => undefined)
    })

    await expect(startMemory({}, [taps])).rejects.toMatchObject({
      code: 'GW_PLUGIN_UNKNOWN_TAP',
      message: expect.stringContaining('"jwt"'),
    })
  })

  it('lets a tap stand before one that is there', async () => {
    const trace: string[] = []
    const taps = plugin('order', ({ hooks }) => {
      hooks.request.tap('a', () => void trace.push('a'))
      hooks.request.tap({ name: 'b', before: 'a' }, () => void trace.push('b'))
    })
    await using memory = await startMemory({}, [taps])

    await memory.send()

    expect(trace).toEqual(['b', 'a'])
  })
})

describe('the three ways to tap', () => {
  it('all answer a request', async () => {
    const tappings: Plugin[] = [
      plugin('t', ({ hooks }) => hooks.request.tap('t', accepted)),
      plugin('t', ({ hooks }) =>
        hooks.request.tap(
          't',
          unchecked(async () => accepted()),
        ),
      ),
      plugin('t', ({ hooks }) => hooks.request.tapPromise('t', () => Promise.resolve(accepted()))),
      plugin('t', ({ hooks }) =>
        hooks.request.tapAsync('t', (_ctx, done) => setImmediate(done, null, accepted())),
      ),
    ]
    for (const taps of tappings) {
      await using memory = await startMemory({}, [taps])

      expect(await memory.send()).toMatchObject({ status: 202 })
      expect(memory.upstream.arrivals).toEqual([])
    }
  })

  it('all fail a request', async () => {
    const tappings: Plugin[] = [
      plugin('t', ({ hooks }) => hooks.request.tap('t', () => failing('throws'))),
      plugin('t', ({ hooks }) =>
        hooks.request.tap(
          't',
          unchecked(async () => failing('throws')),
        ),
      ),
      plugin('t', ({ hooks }) => hooks.request.tapPromise('t', async () => failing('throws'))),
      plugin('t', ({ hooks }) => hooks.request.tapPromise('t', () => failing('throws'))),
      plugin('t', ({ hooks }) => hooks.request.tapAsync('t', () => failing('throws'))),
      plugin('t', ({ hooks }) =>
        hooks.request.tapAsync('t', (_ctx, done) => done(new Error('boom'))),
      ),
    ]
    for (const taps of tappings) {
      await using memory = await startMemory({}, [taps])

      expect(await memory.send()).toMatchObject({
        status: 500,
        response: { error: { message: 'plugin "t" failed in hook "request": boom' } },
      })
    }
  })

  it('cost no promise as long as every tap finishes at once', async () => {
    const taps = plugin('t', ({ hooks }) => {
      hooks.request.tap('t', () => undefined)
      hooks.request.tapAsync('t', (_ctx, done) => done())
      hooks.response.tap('t', () => undefined)
      hooks.upstream.tap('t', () => undefined)
    })
    await using memory = await startMemory({}, [taps])
    memory.upstream.respond = () => new GatewayResponse({ status: 201 })
    const { ingress } = memory.web
    const exchange = memory.web.open()

    expect(ingress.handle(exchange.ctx)).toBeInstanceOf(GatewayResponse)
    exchange.finish()
  })
})

describe('an async function on a plain tap', () => {
  it('is waited for where the hook can wait', async () => {
    const trace: string[] = []
    const note = async (what: string): Promise<undefined> => {
      await new Promise(setImmediate)
      trace.push(what)
    }
    const taps = plugin('async', ({ hooks }) => {
      hooks.config.tap(
        'async',
        unchecked(() => note('config')),
      )
      hooks.request.tap(
        'async',
        unchecked(() => note('request')),
      )
      hooks.upstream.tap(
        'async',
        unchecked(() => note('upstream')),
      )
      hooks.response.tap(
        'async',
        unchecked(() => note('response')),
      )
      hooks.retire.tap(
        'async',
        unchecked(() => note('retire')),
      )
      hooks.close.tap(
        'async',
        unchecked(() => note('close')),
      )
      hooks.finish.tap('sync', () => void trace.push('finish'))
    })
    const memory = await startMemory({}, [taps])

    expect(await memory.send()).toMatchObject({ status: 200 })
    await memory.gateway.shutdown()

    expect(trace).toEqual([
      'config',
      'request',
      'upstream',
      'response',
      'finish',
      'retire',
      'close',
    ])
  })

  it.each(ways)('is refused by connection, even when it %s', async (how) => {
    const taps = plugin('async', ({ hooks }) =>
      hooks.connection.tap('async', () => promised(how) as never),
    )
    await using memory = await startMemory({}, [taps])

    expect(refusalOf(() => memory.web.connect())).toMatchObject({
      error: { code: 'GW_PLUGIN_BAD_RESULT' },
    })
    await new Promise(setImmediate)
  })

  it.each(ways)('is refused by route, even when it %s', async (how) => {
    const taps = plugin('async', ({ hooks }) =>
      hooks.route.tap({ name: 'async', stage: Stage.early }, () => promised(how) as never),
    )
    await using memory = await startMemory({}, [taps])

    expect(await memory.send()).toMatchObject({
      status: 500,
      response: {
        error: {
          code: 'GW_PLUGIN_BAD_RESULT',
          message:
            'plugin "async" returned a promise from hook "route"; ' +
            'expected a result at once, since the hook cannot wait',
        },
      },
    })
    await new Promise(setImmediate)
  })

  it.each(['upstreamEnd', 'finish', 'activate'] as const)('is logged by %s', async (hook) => {
    const taps = plugin('async', ({ hooks }) =>
      hooks[hook].tap('async', () => promised('resolves') as never),
    )
    await using memory = await startMemory({}, [taps])

    expect(await memory.send()).toMatchObject({ status: 200 })

    expect(memory.logs.find('tap failed')).toMatchObject([{ code: 'GW_PLUGIN_BAD_RESULT' }])
  })

  it('is told of once, however many exchanges it fails for', async () => {
    const taps = plugin('async', ({ hooks }) =>
      hooks.finish.tap('async', () => promised('resolves') as never),
    )
    await using memory = await startMemory({}, [taps])

    for (let i = 0; i < 5; i++) await memory.send()

    expect(memory.logs.find('tap failed')).toHaveLength(1)
  })
})

describe('nonsense from a tap', () => {
  it.each([true, 'no', 42, { status: 200 }])('is refused: %s', async (nonsense) => {
    const request = plugin('bad', ({ hooks }) => hooks.request.tap('bad', () => nonsense as never))
    const connection = plugin('bad', ({ hooks }) =>
      hooks.connection.tap('bad', () => nonsense as never),
    )
    const route = plugin('bad', ({ hooks }) =>
      hooks.route.tap({ name: 'bad', stage: Stage.early }, () => nonsense as never),
    )
    await using first = await startMemory({}, [request])
    await using second = await startMemory({}, [connection])
    await using third = await startMemory({}, [route])

    expect((await first.send()).response.error?.code).toBe('GW_PLUGIN_BAD_RESULT')
    expect(refusalOf(() => second.web.connect()).error?.code).toBe('GW_PLUGIN_BAD_RESULT')
    expect((await third.send()).response.error?.code).toBe('GW_PLUGIN_BAD_RESULT')
  })

  it('is refused as a configuration', async () => {
    const taps = plugin('bad', ({ hooks }) => hooks.config.tap('bad', () => 'all of it' as never))

    await expect(startMemory({}, [taps])).rejects.toMatchObject({ code: 'GW_PLUGIN_BAD_RESULT' })
  })

  it('does not matter where nobody asks for an answer', async () => {
    const taps = plugin('chatty', ({ hooks }) => {
      hooks.upstream.tap('chatty', () => 1 as never)
      hooks.upstreamEnd.tap('chatty', () => 1 as never)
      hooks.response.tap('chatty', () => 1 as never)
      hooks.finish.tap('chatty', () => 1 as never)
    })
    await using memory = await startMemory({}, [taps])

    expect(await memory.send()).toMatchObject({ status: 200 })
    expect(memory.logs.find('tap failed')).toEqual([])
  })
})

describe('a tap that comes too late', () => {
  it('is refused', async () => {
    await using memory = await startMemory()

    expect(() => memory.gateway.hooks.request.tap('late', () => undefined)).toThrow(
      expect.objectContaining({ code: 'GW_PLUGIN_LATE_TAP' }),
    )
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it('may still be made by the program before it starts the gateway', async () => {
    await using memory = new MemoryGateway()
    const seen: string[] = []
    memory.gateway.hooks.request.tap('program', ({ request }) => void seen.push(request.target))

    await memory.gateway.start(plainConfig())
    await memory.send({ target: '/x' })

    expect(seen).toEqual(['/x'])
  })
})

function accepted(): GatewayResponse {
  return new GatewayResponse({ status: 202 })
}

/** A tap as plain JavaScript may well pass it. */
function unchecked(fn: () => unknown): () => never {
  return fn as () => never
}

function failing(how: 'throws' | 'rejects'): never {
  // The guard must cope with promises that the types of a hook do not allow.
  if (how === 'rejects') return Promise.reject(new Error('boom')) as never
  throw new Error('boom')
}

function promised(how: 'throws' | 'rejects' | 'resolves'): Promise<undefined> {
  return how === 'resolves' ? Promise.resolve(undefined) : Promise.reject(new Error('boom'))
}
