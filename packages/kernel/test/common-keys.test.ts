import { describe, expect, it } from 'vitest'
import { defineErrors } from '../src/gateway-error.ts'
import type { Middleware } from '../src/middleware.ts'
import { note } from '../src/notes.ts'
import type { RequestContext } from '../src/request-context.ts'
import { GatewayResponse } from '../src/response.ts'
import type { Scope } from '../src/scope.ts'
import { PushedSource } from './support/bodies.ts'
import {
  chainConfig,
  type MemoryGateway,
  middlewaresOf,
  plainConfig,
  startMemory,
} from './support/memory-gateway.ts'

const catalogue = defineErrors({
  GW_TEST_DENIED: { status: 403, source: 'client', message: () => 'denied' },
})

const denying: Middleware = { onRequest: () => new GatewayResponse({ status: 403 }) }

describe('skip_paths', () => {
  it.each([
    ['/health', 200],
    ['/health/live', 200],
    ['/health?verbose', 200],
    ['/public/a', 200],
    ['/', 403],
    ['/heal', 403],
    ['/healthy', 403],
    ['/health;v=1', 403],
    ['/health%2flive', 403],
    ['/health/', 200],
    ['/public', 403],
    ['/public/', 200],
    ['/publicity', 403],
    ['/api/health', 403],
    ['/?/health', 403],
    ['/public/../admin', 403],
    ['/public/..', 403],
    ['/public/.', 403],
    ['/public/%2E%2e/admin', 403],
    ['/public/.%2e%2fadmin', 403],
    ['/public/a%2f..%2f../admin', 403],
    ['/public/..\\admin', 403],
    ['/public/a\\..\\..\\admin', 403],
    ['/public/..;/admin', 403],
    ['/public/.well-known', 200],
    ['/public/a..b/...', 200],
    ['/public/a?next=/../b', 200],
  ])('let requests pass by a filter: %s', async (target, status) => {
    await using memory = await started(denying, { skip_paths: ['/health', '/public/'] })

    expect(await memory.send({ target })).toMatchObject({ status })
  })

  it('let requests pass by an around', async () => {
    const around: Middleware = { around: () => new GatewayResponse({ status: 403 }) }
    await using memory = await started(around, { skip_paths: ['/health'] })

    expect(await memory.send({ target: '/health' })).toMatchObject({ status: 200 })
    expect(await memory.send({ target: '/' })).toMatchObject({ status: 403 })
  })

  it('count by the path that the filter met on the way in', async () => {
    const seen: string[] = []
    const stamp: Middleware = {
      onResponse: (ctx) => void seen.push(ctx.request.path),
    }
    const rewrite: Middleware = { onRequest: (ctx) => void (ctx.request.path = '/health') }
    await using memory = await startMemory(
      chainConfig({
        stamp: { type: 'stamp', skip_paths: ['/health'] },
        rewrite: { type: 'rewrite' },
      }),
      [middlewaresOf({ stamp: () => stamp, rewrite: () => rewrite })],
    )

    await memory.send({ target: '/other' })
    await memory.send({ target: '/health' })

    expect(seen).toEqual(['/health'])
  })

  it('count anew for every try', async () => {
    const trace: string[] = []
    const retry: Middleware = {
      around: async (ctx, next) => {
        await next(ctx)
        ctx.request.path = '/other'
        return next(ctx)
      },
    }
    const stamp: Middleware = {
      onRequest: () => void trace.push('in'),
      onResponse: () => void trace.push('out'),
    }
    await using memory = await startMemory(
      chainConfig({ retry: { type: 'retry' }, stamp: { type: 'stamp', skip_paths: ['/health'] } }),
      [middlewaresOf({ retry: () => retry, stamp: () => stamp })],
    )

    await memory.send({ target: '/health' })

    expect(trace).toEqual(['in', 'out'])
  })

  it.each([
    'health',
    '',
    '/health?verbose',
    '/health#top',
    '/health/*',
    '/a/../b',
    '/a/..',
    '/./a',
    '/a/%2E%2e/b',
  ])('cannot be %s', async (path) => {
    await expect(started(denying, { skip_paths: [path] })).rejects.toMatchObject({
      problems: [{ path: ['middlewares', 'm', 'skip_paths', 0], code: 'GW_CONFIG_PATTERN' }],
    })
  })

  it('with a lone slash exempt everything', async () => {
    await using memory = await started(denying, { skip_paths: ['/', '/health'] })

    expect(await memory.send({ target: '/any' })).toMatchObject({ status: 200 })
    expect(await memory.send({ target: '/' })).toMatchObject({ status: 200 })
    expect(await memory.send({ target: '/../any' })).toMatchObject({ status: 403 })
  })

  it.each<[string, Middleware]>([
    ['a filter', { ...denying, onSkip: (ctx) => forget(ctx) }],
    ['a filter that waits', { ...denying, onSkip: async (ctx) => forget(ctx) }],
    ['an around', { around: () => deny(), onSkip: (ctx) => forget(ctx) }],
    ['an around that waits', { around: () => deny(), onSkip: async (ctx) => forget(ctx) }],
  ])('let %s look at the request all the same', async (_what, middleware) => {
    await using memory = await started(middleware, { skip_paths: ['/health'] })
    const user = ['x-user', 'admin']

    expect(await memory.send({ target: '/health', headers: user })).toMatchObject({ status: 200 })
    expect(memory.upstream.arrivals.map(({ headers }) => headers['x-user'])).toEqual([undefined])
    expect(await memory.send({ target: '/', headers: user })).toMatchObject({ status: 403 })
  })

  it.each<[string, Middleware]>([
    ['throws', { onSkip: () => deny() }],
    ['rejects', { onSkip: async () => deny() }],
    ['throws in an around', { around: (ctx, next) => next(ctx), onSkip: () => deny() }],
  ])('do not let a request pass where the look at it %s', async (_how, middleware) => {
    await using memory = await started(middleware, { skip_paths: ['/'] })

    expect(await memory.send()).toMatchObject({ status: 403 })
    expect(memory.upstream.arrivals).toHaveLength(0)
  })

  it('let a filter look at the request in a dry run, too', async () => {
    const filter: Middleware = { ...denying, onSkip: (ctx) => forget(ctx) }
    await using memory = await started(filter, { skip_paths: ['/'], dry_run: true })

    await memory.send({ headers: ['x-user', 'admin'] })

    expect(memory.upstream.arrivals.map(({ headers }) => headers['x-user'])).toEqual([undefined])
  })
})

describe('dry_run', () => {
  it.each<[string, Middleware]>([
    ['answers', denying],
    ['answers later', { onRequest: async () => new GatewayResponse({ status: 403 }) }],
    ['throws', { onRequest: () => deny() }],
    ['rejects', { onRequest: async () => deny() }],
  ])('lets pass what a filter would reject, and logs it: %s', async (_how, filter) => {
    await using memory = await started(filter, { dry_run: true })

    expect(await memory.send()).toMatchObject({ status: 200 })
    expect(memory.logs.find('dry run: would have rejected')).toMatchObject([
      { middleware: 'm', router: 'app', status: 403 },
    ])
  })

  it('tells who would be rejected, and what was noted of the request', async () => {
    const noting: Middleware = {
      onRequest(ctx) {
        note(ctx, 'country', 'DK')
        note(ctx, 'status', 'mine')
        deny()
      },
    }
    await using memory = await started(noting, { dry_run: true })

    await memory.send()

    expect(memory.logs.find('dry run: would have rejected')).toMatchObject([
      { clientAddress: '192.0.2.7', country: 'DK', status: 403 },
    ])
    expect(memory.logs.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { field: 'status' },
    ])
  })

  it('frees the body of the response that is not sent', async () => {
    const body = new PushedSource(['x'])
    await using memory = await started(
      { onRequest: () => new GatewayResponse({ status: 403, body }) },
      { dry_run: true },
    )

    await memory.send()

    expect(body.cancelled).toBe(true)
  })

  it('lets a response pass when onResponse fails', async () => {
    await using memory = await started({ onResponse: () => deny() }, { dry_run: true })

    expect(await memory.send()).toMatchObject({ status: 200 })
    expect(memory.logs.find('dry run: would have rejected')).toHaveLength(1)
  })

  it('says nothing when nothing would be rejected', async () => {
    await using memory = await started(
      { onRequest: () => undefined, onResponse: () => undefined },
      { dry_run: true },
    )

    expect(await memory.send()).toMatchObject({ status: 200 })
    expect(memory.logs.find('dry run: would have rejected')).toEqual([])
  })

  it('is told to the middleware, for an around to obey', async () => {
    const told: boolean[] = []
    const around = (scope: Scope): Middleware => {
      told.push(scope.dryRun)
      return { around: (ctx, next) => next(ctx) }
    }
    await using memory = await startMemory(
      chainConfig({ a: { type: 'around', dry_run: true }, b: { type: 'around' } }),
      [middlewaresOf({ around })],
    )

    expect(told).toEqual([true, false])
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it.each<[string, Middleware]>([
    ['refuses', { onConnection: () => ({ reason: 'blocked' }) }],
    ['refuses later', { onConnection: async () => ({ reason: 'blocked' }) }],
    ['throws', { onConnection: () => deny() }],
  ])('lets a connection pass that a filter would refuse: %s', async (_how, filter) => {
    await using memory = await startMemory(streamConfig({ dry_run: true, skip_paths: ['/'] }), [
      middlewaresOf({ m: () => filter }),
    ])

    const exchange = memory.network.at('127.0.0.1:90').openStream()

    expect(await exchange.refusal).toBeUndefined()
    expect(memory.logs.find('dry run: would have refused the connection')).toMatchObject([
      { clientAddress: '192.0.2.7' },
    ])
    exchange.finish()
  })
})

describe('scope', () => {
  it.each([
    [undefined, ['m']],
    ['definition', ['m']],
    ['router', ['m@a', 'm@b']],
  ])('says how many instances there are: %s', async (scope, expected) => {
    const made: string[] = []
    await using memory = await startMemory(twoRouters(scope), [
      middlewaresOf({
        m: ({ name }) => {
          made.push(name)
          return { onResponse: (_ctx, { headers }) => headers.set('x-by', name) }
        },
      }),
    ])

    expect(made).toEqual(expected)
    expect((await memory.send({ target: '/a' })).headers['x-by']).toBe(expected[0])
    expect((await memory.send({ target: '/b' })).headers['x-by']).toBe(expected.at(-1))
  })

  it('makes one instance of what no router names, to see that it can be made', async () => {
    const made: string[] = []
    const config = plainConfig({ middlewares: { m: { type: 'm', scope: 'router' } } })
    await using memory = await startMemory(config, [
      middlewaresOf({ m: ({ name }) => (made.push(name), denying) }),
    ])

    expect(made).toEqual(['m'])
    expect(await memory.send()).toMatchObject({ status: 200 })
  })

  it('is one of two words', async () => {
    await expect(started(denying, { scope: 'rooter' })).rejects.toMatchObject({
      problems: [{ path: ['middlewares', 'm', 'scope'], suggestion: 'router' }],
    })
  })
})

function started(
  middleware: Middleware,
  keys: Readonly<Record<string, unknown>>,
): Promise<MemoryGateway> {
  return startMemory(chainConfig({ m: { type: 'm', ...keys } }), [
    middlewaresOf({ m: () => middleware }),
  ])
}

function streamConfig(keys: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    entrypoints: { raw: { address: '127.0.0.1:90', protocol: 'tcp' } },
    routers: { raw: { rule: '*', service: 'app', middlewares: ['m'] } },
    middlewares: { m: { type: 'm', ...keys } },
  }
}

function twoRouters(scope: string | undefined): Readonly<Record<string, unknown>> {
  return {
    routers: {
      a: { rule: '/a', service: 'app', middlewares: ['m'] },
      b: { rule: '/b', service: 'app', middlewares: ['m'] },
    },
    middlewares: { m: scope === undefined ? { type: 'm' } : { type: 'm', scope } },
  }
}

function forget({ request }: RequestContext): void {
  request.headers.delete('x-user')
}

function deny(): never {
  throw catalogue.GW_TEST_DENIED()
}
