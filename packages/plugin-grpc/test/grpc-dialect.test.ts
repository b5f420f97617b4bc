import {
  ContextKey,
  defineErrors,
  definePlugin,
  GatewayResponse,
  HeaderList,
  errors as kernelErrors,
  type MiddlewareFactory,
} from '@gatewright/kernel'
import {
  type MemoryResponse,
  type MountedMiddleware,
  type MountOptions,
  mountMiddleware,
  type Script,
  type SendInit,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import grpc, { grpcStatus } from '../src/index.ts'
import { frame } from './frames.ts'
import { BrokenSource, OpenSource } from './sources.ts'

const answer = { headers: { 'content-type': 'application/grpc' }, body: frame('hi') }

/** For machines that have a lot to do. */
const patience = { timeout: 10_000 }

describe('a call', () => {
  it('is answered with what the server says, as it says it', async () => {
    const trailers = { 'grpc-status': '5', 'grpc-message': 'no%20such', 'x-late': '1' }
    await using mounted = await mount({ ...answer, trailers })

    const response = await call(mounted)

    expect(response.status).toBe(200)
    expect(response.body).toEqual(frame('hi'))
    expect(response.trailers).toEqual(trailers)
    expect(response.ctx.get(grpcStatus)).toEqual({ code: 5, name: 'NOT_FOUND', message: 'no such' })
  })

  it('keeps an answer that is nothing but a status', async () => {
    const headers = { 'content-type': 'application/grpc+proto', 'grpc-status': '7', 'x-a': 'b' }
    await using mounted = await mount({ headers })

    const response = await call(mounted)

    expect(response).toMatchObject({ status: 200, headers })
    expect(response.ctx.get(grpcStatus)?.name).toBe('PERMISSION_DENIED')
  })

  it('counts as UNKNOWN if the server does not say how it ended', async () => {
    await using mounted = await mount(answer)

    const response = await call(mounted)

    expect(response.body).toEqual(frame('hi'))
    expect(response.trailers['grpc-status']).toBe('2')
    expect(response.ctx.get(grpcStatus)?.name).toBe('UNKNOWN')
  })

  it.each([
    [
      'an error page',
      { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>' },
      '14',
    ],
    ['a login page', { headers: { 'content-type': 'text/html' }, body: '<h1>' }, '2'],
    ['401', { status: 401, headers: { 'www-authenticate': 'Basic' } }, '16'],
    ['404', 404, '12'],
    ['429', 429, '14'],
    ['a redirect', { status: 302, headers: { location: '/' } }, '2'],
  ] satisfies [string, Script, string][])(
    'is told in a status if the server answers with %s',
    async (_what, upstream, code) => {
      await using mounted = await mount(upstream)

      const response = await call(mounted)

      expect(response.status).toBe(200)
      expect(response.body).toHaveLength(0)
      expect(response.headers).toMatchObject({
        'content-type': 'application/grpc',
        'grpc-status': code,
        'grpc-message': expect.stringContaining('not an answer of gRPC'),
      })
      expect(response.headers).not.toHaveProperty('content-length')
    },
  )

  it.each([
    [kernelErrors.GW_UPSTREAM_CONNECT({ endpoint: 'x', problem: 'refused' }), '14', 'Bad gateway'],
    [kernelErrors.GW_UPSTREAM_BUSY({ endpoint: 'x', waiting: 1 }), '8', 'Backends at capacity'],
    [
      kernelErrors.GW_UPSTREAM_RESPONSE_TIMEOUT({ endpoint: 'x', timeoutMs: 1 }),
      '4',
      'Upstream timeout',
    ],
    [kernelErrors.GW_DRAINING(), '14', 'Gateway shutting down'],
  ])('is told in a status that %s', async (upstream, code, message) => {
    await using mounted = await mount(upstream)

    const response = await call(mounted)

    expect(response.status).toBe(200)
    expect(response.body).toHaveLength(0)
    expect(response.headers).toMatchObject({ 'grpc-status': code, 'grpc-message': message })
    expect(response.ctx.get(grpcStatus)?.code).toBe(Number(code))
  })

  it('is told in a status what a middleware answers, with its fields', async () => {
    const headers = new HeaderList(['www-authenticate', 'Bearer', 'content-length', '2'])
    await using mounted = await mount(200, {
      onRequest: () => new GatewayResponse({ status: 401, headers, body: 'no' }),
    })

    const response = await call(mounted)

    expect(response.headers).toEqual({
      'www-authenticate': 'Bearer',
      'content-type': 'application/grpc',
      'grpc-status': '16',
      'grpc-message': 'not an answer of gRPC: 401 Unauthorized',
    })
  })

  it('is told in a status that a middleware failed', async () => {
    await using mounted = await mount(answer, {
      onResponse: () => {
        throw new Error('oops')
      },
    })

    const response = await call(mounted)

    expect(response.headers).toMatchObject({
      'grpc-status': '13',
      'grpc-message': 'Middleware error',
    })
  })

  it('is told what a client did wrong', async () => {
    const errors = defineErrors({
      GW_TEST_FORBIDDEN: { status: 403, source: 'client', message: () => 'not for you, 100%' },
    })
    await using mounted = await mount(200, {
      onRequest: () => {
        throw errors.GW_TEST_FORBIDDEN()
      },
    })

    const response = await call(mounted)

    expect(response.headers).toMatchObject({
      'grpc-status': '7',
      'grpc-message': 'not for you, 100%25',
    })
  })

  it('ends with a status if the server breaks off', async () => {
    const error = kernelErrors.GW_UPSTREAM_RESET({ endpoint: 'x', problem: 'gone' })
    const body = new BrokenSource(frame('hi'), error)
    await using mounted = await mount({ ...answer, body })

    const response = await call(mounted)

    expect(response.body).toEqual(frame('hi'))
    expect(response.bodyError).toBeUndefined()
    expect(response.trailers).toEqual({ 'grpc-status': '14', 'grpc-message': 'Bad gateway' })
    expect(response.ctx.get(grpcStatus)?.name).toBe('UNAVAILABLE')
  })

  it('is CANCELLED once its client has gone', async () => {
    const controller = new AbortController()
    const body = new OpenSource(frame('hi'))
    await using mounted = await mount({ ...answer, body })

    const response = await call(mounted, {
      signal: controller.signal,
      onPiece: () => controller.abort(),
    })

    expect(body.cancelled).toBe(true)
    expect(response.ctx.get(grpcStatus)?.name).toBe('CANCELLED')
  })
})

describe('the deadline of a call', () => {
  it('ends the wait for an answer', async () => {
    await using mounted = await mount(() => new Promise(() => undefined))

    const response = await call(mounted, { headers: { 'grpc-timeout': '1m' } })

    expect(response).toMatchObject({ status: 200, error: { code: 'GW_GRPC_DEADLINE_EXCEEDED' } })
    expect(response.headers).toMatchObject({
      'grpc-status': '4',
      'grpc-message': 'Deadline exceeded',
    })
  })

  it('ends an answer that has begun', async () => {
    const body = new OpenSource(frame('hi'))
    await using mounted = await mount({ ...answer, body })

    const response = await call(mounted, { headers: { 'grpc-timeout': '1m' } })

    expect(response.body).toEqual(frame('hi'))
    expect(response.trailers).toEqual({ 'grpc-status': '4', 'grpc-message': 'Deadline exceeded' })
    expect(body.cancelled).toBe(true)
  })

  it('is what its client said, to be told the server', async () => {
    await using mounted = await mount({ ...answer, trailers: { 'grpc-status': '0' } })

    const response = await call(mounted, { headers: { 'grpc-timeout': '8H' } })

    expect(response.trailers).toEqual({ 'grpc-status': '0' })
    expect(mounted.upstream.requests[0]?.headers['grpc-timeout']).toBe('8H')
  })

  it('is refused if nobody can tell when it is', async () => {
    await using mounted = await mount(200)

    const response = await call(mounted, { headers: { 'grpc-timeout': 'soon' } })

    expect(response.headers).toMatchObject({
      'grpc-status': '13',
      'grpc-message': expect.stringContaining('found "soon"'),
    })
    expect(mounted.upstream.requests).toEqual([])
  })
})

describe('a request that is no call', () => {
  it.each([
    ['of HTTP/1.1', '1.1'],
    ['of HTTP/1.0', '1.0'],
  ] as const)('%s is refused if it says it was one', async (_what, version) => {
    await using mounted = await mount(200)

    const response = await call(mounted, { version })

    expect(response.status).toBe(505)
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(response.body.toString()).toContain('gRPC needs HTTP/2')
  })

  it.each([
    ['gRPC-Web', { headers: { 'content-type': 'application/grpc-web+proto' } }],
    ['JSON', { headers: { 'content-type': 'application/json' } }],
    ['nothing', { method: 'GET', headers: {} }],
  ])('gets answers of HTTP to %s', async (_what, init) => {
    await using mounted = await mount(502)

    const response = await call(mounted, init)

    expect(response.status).toBe(502)
    expect(response.headers).not.toHaveProperty('grpc-status')
  })
})

describe('what servers say of calls', () => {
  it.each([
    ['at once', { headers: { ...answer.headers, 'grpc-status': '14' } }],
    ['at last', { ...answer, trailers: { 'grpc-status': '14' } }],
    ['with a number that nobody knows', { ...answer, trailers: { 'grpc-status': '99' } }],
  ])('is known of their attempts if they say it %s', async (_when, upstream) => {
    await using mounted = await mount(upstream)

    const { ctx } = await call(mounted)

    await vi.waitFor(
      () => expect(ctx.attempts?.[0]?.code).toMatch(/^(?:UNAVAILABLE|99)$/),
      patience,
    )
  })
})

/** Handlers of the middleware under test. */
type Handlers = Parameters<typeof passing>[0]

const unused: ContextKey<true> = new ContextKey('unused')

function mount(upstream: Script, handlers: Handlers = {}): Promise<MountedMiddleware> {
  const plugins = [
    definePlugin({ name: grpc.name, setup: (gateway) => grpc.setup(gateway, undefined) }),
  ]
  const options: MountOptions = { upstream, plugins }
  return mountMiddleware(passing(handlers), {}, options)
}

function passing(
  handlers: Partial<{
    readonly onRequest: () => GatewayResponse | undefined
    readonly onResponse: () => undefined
  }>,
): MiddlewareFactory<object> {
  return {
    type: 'passing',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    create: () => ({ onRequest: (ctx) => ctx.set(unused, true), ...handlers }),
  }
}

interface CallInit extends SendInit {
  readonly headers?: Readonly<Record<string, string>>
}

function call({ send }: MountedMiddleware, init: CallInit = {}): Promise<MemoryResponse> {
  const { headers, ...rest } = init
  return send({
    version: '2',
    method: 'POST',
    target: '/shop.Cart/Add',
    body: frame('hello'),
    ...rest,
    headers: { 'content-type': 'application/grpc', te: 'trailers', ...headers },
  })
}
