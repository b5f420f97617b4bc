import { Readable } from 'node:stream'
import {
  ContextKey,
  defineMiddleware,
  definePlugin,
  errors,
  GatewayResponse,
  HeaderList,
  type Middleware,
  type MiddlewareFactory,
  type OptionsSchema,
  type Scope,
  type SectionKey,
} from '@gatewright/kernel'
import { describe, expect, it, vi } from 'vitest'
import { mountMiddleware } from '../src/index.ts'

interface TagOptions {
  readonly tag: string
  readonly wait: number
}

const tagSchema: OptionsSchema<TagOptions> = {
  type: 'object',
  additionalProperties: false,
  required: ['tag'],
  properties: {
    tag: { type: 'string', minLength: 1, description: 'Value of the field.' },
    wait: { duration: true, default: '2s', description: 'How long.' },
  },
}

describe('mountMiddleware', () => {
  it('sends requests through the middleware to the upstream and back', async () => {
    const { send, upstream } = await mountMiddleware(tag, { tag: 'x' })

    const response = await send({
      method: 'POST',
      target: '/a?b=c',
      headers: { 'X-Mine': ['1', '2'], host: 'Example.test' },
      body: 'sent',
      remoteAddress: '203.0.113.9',
      upstream: { status: 201, headers: { 'X-Theirs': '3' }, body: 'made' },
    })

    expect(upstream.requests).toMatchObject([
      { method: 'POST', target: '/a?b=c', authority: 'example.test', text: 'sent', complete: true },
    ])
    expect(upstream.requests[0]?.headers).toEqual({
      'x-mine': '1, 2',
      host: 'Example.test',
      'content-length': '4',
      'x-tag': 'x 2000 203.0.113.9',
    })
    expect(response).toMatchObject({ status: 201, text: 'made', error: undefined })
    expect(response.headers).toEqual({ 'x-theirs': '3', 'content-length': '4', 'x-back': 'x' })
  })

  it.each([
    { options: {}, problem: '"tag" is required' },
    { options: { tag: '' }, problem: 'tag: must NOT have fewer than 1 characters' },
    { options: { tga: 'x', tag: 'x' }, problem: 'tga: unknown key "tga"; did you mean "tag"?' },
    { options: { tag: 'x', wait: 'soon' }, problem: 'wait: expected a duration' },
  ])('refuses $options', async ({ options, problem }) => {
    const mounting = mountMiddleware(tag, options)

    await expect(mounting).rejects.toMatchObject({ code: 'GW_INVALID_OPTIONS' })
    await expect(mounting).rejects.toThrow(problem)
  })

  it('refuses what create refuses', async () => {
    const mounting = mountMiddleware(
      middleware(() => {
        throw errors.GW_INVALID_OPTIONS({ problem: 'they conflict' })
      }),
    )

    await expect(mounting).rejects.toMatchObject({
      code: 'GW_INVALID_OPTIONS',
      problems: [{ path: [], code: 'GW_INVALID_OPTIONS' }],
    })
  })

  it('follows a script, of which the last step repeats', async () => {
    const { send } = await mountMiddleware(passing, {}, { upstream: [503, { body: 'fine' }] })

    const answers = [await send(), await send(), await send()].map(({ status }) => status)

    expect(answers).toEqual([503, 200, 200])
  })

  it('lets a request have a script of its own, over all its attempts', async () => {
    const twice = middleware(() => ({
      async around(ctx, next) {
        const checkpoint = ctx.request.checkpoint(100)
        const first = await next(ctx)
        first.discard()
        checkpoint.restore()
        return next(ctx)
      },
    }))
    const { send, upstream } = await mountMiddleware(twice, {}, { upstream: 500 })

    const response = await send({ method: 'POST', body: 'again', upstream: [503, 204] })

    expect(response.status).toBe(204)
    expect(upstream.requests.map(({ text, attempt }) => [text, attempt.index])).toEqual([
      ['again', 0],
      ['again', 1],
    ])
  })

  it('fails as an upstream does', async () => {
    const failure = errors.GW_UPSTREAM_RESET({ endpoint: 'memory', problem: 'ECONNRESET' })
    const { send, logs } = await mountMiddleware(passing, {}, { upstream: failure })

    const response = await send()

    expect(response).toMatchObject({ status: 502, error: { code: 'GW_UPSTREAM_RESET' } })
    expect(response.json()).toMatchObject({ code: 'GW_UPSTREAM_RESET' })
    expect(logs.find({ level: 'warn', code: 'GW_UPSTREAM_RESET' })).toHaveLength(1)
  })

  it('takes nothing of the body if the connect fails', async () => {
    const failure = errors.GW_UPSTREAM_CONNECT({ endpoint: 'memory', problem: 'ECONNREFUSED' })
    const { send, upstream } = await mountMiddleware(passing, {}, { upstream: failure })

    await send({ method: 'POST', body: 'unsent' })

    expect(upstream.requests).toMatchObject([{ text: '', complete: false }])
  })

  it('lets the upstream decide, and wait', async () => {
    const gate = Promise.withResolvers<number>()
    const { send, upstream } = await mountMiddleware(passing)
    upstream.behave(({ text }) => gate.promise.then((status) => ({ status, body: `got ${text}` })))

    const response = send({ method: 'POST', body: Readable.from(['a', 'b']) })
    gate.resolve(202)

    expect(await response).toMatchObject({ status: 202, text: 'got ab' })
  })

  it('passes trailers and interim responses', async () => {
    const informing = middleware(() => ({
      onRequest: (ctx) => ctx.inform(103, new HeaderList(['link', '</a>'])),
    }))
    const { send } = await mountMiddleware(informing)

    const response = await send({ upstream: { body: 'x', trailers: { 'X-Sum': '1' } } })

    expect(response.interim).toEqual([{ status: 103, rawHeaders: ['link', '</a>'] }])
    expect(response.trailers).toEqual({ 'x-sum': '1' })
  })

  it('lets a test be the upstream itself', async () => {
    const { send } = await mountMiddleware(
      passing,
      {},
      { terminal: (ctx) => new GatewayResponse({ status: ctx.request.hasBody ? 400 : 299 }) },
    )

    expect((await send()).status).toBe(299)
  })

  it('shows a request body that is refused on its way', async () => {
    const limited = middleware(() => ({ onRequest: ({ request }) => request.limitBody(3) }))
    const { send, upstream } = await mountMiddleware(limited)

    const response = await send({ method: 'POST', body: Readable.from(['ab', 'cd']) })

    expect(response).toMatchObject({ status: 413, error: { code: 'GW_BODY_TOO_LARGE' } })
    expect(upstream.requests).toMatchObject([{ text: 'ab', complete: false }])
  })

  it('shows a response body that is cut off', async () => {
    const { send } = await mountMiddleware(passing)

    const response = await send({
      upstream: () => ({
        body: Readable.from(brokenPieces()),
      }),
    })

    expect(response).toMatchObject({ status: 200, text: 'begun' })
    expect(response.bodyError).toMatchObject({ message: 'the wire broke' })
  })

  it('ends an exchange whose client goes away', async () => {
    const client = new AbortController()
    const arrived = Promise.withResolvers<void>()
    const { send, gateway } = await mountMiddleware(
      passing,
      {},
      {
        upstream: () => {
          arrived.resolve()
          return new Promise<never>(() => undefined)
        },
      },
    )

    const response = send({ signal: client.signal })
    await arrived.promise
    client.abort()

    expect(await response).toMatchObject({ status: 499, error: { code: 'GW_CLIENT_ABORTED' } })
    expect(gateway.exchanges).toBe(0)
  })

  it('ends a response half-way if the client goes away', async () => {
    const body = new Readable({ read: () => undefined })
    const { send, abort } = await mountMiddleware(passing, {}, { upstream: { body } })

    body.push('half')
    const response = send()
    await vi.waitFor(() => expect(body.readableFlowing).toBe(true))
    abort()

    expect(await response).toMatchObject({ text: 'half', bodyError: { code: 'GW_CLIENT_ABORTED' } })
    expect(body.destroyed).toBe(true)
  })

  it('keeps what the middleware keeps over a reload', async () => {
    const counting = middleware((_, scope) => {
      const counter = scope.keep('counter', () => new Counter())
      return {
        onRequest: () => new GatewayResponse({ status: 200, body: String(++counter.count) }),
      }
    })
    const { send, reload, close } = await mountMiddleware(counting)

    const first = await send()
    await reload({})
    const second = await send()
    await close()

    expect([first.text, second.text]).toEqual(['1', '2'])
  })

  it('keeps running with the old options if a reload is refused', async () => {
    const { send, reload } = await mountMiddleware(tag, { tag: 'old' })

    await expect(reload({ tag: 1 })).rejects.toMatchObject({ code: 'GW_INVALID_OPTIONS' })

    expect((await send()).headers['x-back']).toBe('old')
  })

  it('obeys the common keys', async () => {
    const refusing = middleware(() => ({ onRequest: () => new GatewayResponse({ status: 403 }) }))
    const dry = await mountMiddleware(refusing, {}, { dryRun: true })
    const skipping = await mountMiddleware(refusing, {}, { skipPaths: ['/open'] })

    expect((await dry.send()).status).toBe(200)
    expect((await skipping.send({ target: '/open/x' })).status).toBe(200)
    expect((await skipping.send({ target: '/' })).status).toBe(403)
  })

  it('takes further plugins and blocks', async () => {
    let realm: SectionKey<string> | undefined
    const plugin = definePlugin({
      name: 'realms',
      setup(gateway) {
        realm = gateway.section<{ readonly text: string }, string>({
          type: 'realm',
          labelled: false,
          schema: {
            type: 'object',
            additionalProperties: false,
            required: ['text'],
            properties: { text: { type: 'string', description: 'Any.' } },
          },
          create: ({ text }) => text,
        })
      },
    })
    const reading = middleware(() => ({
      onRequest: ({ snapshot }) =>
        new GatewayResponse({ status: 200, body: (realm && snapshot.get(realm)) ?? null }),
    }))
    const { send } = await mountMiddleware(
      reading,
      {},
      {
        plugins: [plugin],
        config: { realm: { text: 'inner' } },
      },
    )

    expect((await send()).text).toBe('inner')
  })

  it('shows the values that a middleware puts on the exchange', async () => {
    const key = new ContextKey<number>('test')
    const setting = middleware(() => ({ onRequest: (ctx) => ctx.set(key, 7) }))
    const { send } = await mountMiddleware(setting)

    const { ctx } = await send()

    expect(ctx.get(key)).toBe(7)
    expect(ctx.ended).toBe(true)
  })

  it('says why a connection was refused', async () => {
    const closed = definePlugin({
      name: 'closed',
      setup: (gateway) => gateway.hooks.connection.tap('closed', () => ({ reason: 'full' })),
    })
    const { send } = await mountMiddleware(passing, {}, { plugins: [closed] })

    await expect(send()).rejects.toThrow('full')
  })
})

const tag = defineMiddleware<TagOptions>({
  type: 'tag',
  schema: tagSchema,
  create: ({ tag: value, wait }) => ({
    onRequest(ctx) {
      ctx.request.headers.set('x-tag', `${value} ${wait} ${ctx.clientAddress}`)
    },
    onResponse(_, response) {
      response.headers.set('x-back', value)
    },
  }),
})

const passing = middleware(() => ({ onRequest: () => undefined }))

function middleware(
  create: (options: object, scope: Scope) => Middleware,
): MiddlewareFactory<object> {
  const schema: OptionsSchema<object> = {
    type: 'object',
    additionalProperties: false,
    properties: {},
  }
  return defineMiddleware({ type: 'tested', schema, create })
}

async function* brokenPieces(): AsyncGenerator<string> {
  yield 'begun'
  throw new Error('the wire broke')
}

class Counter implements Disposable {
  count = 0;
  [Symbol.dispose](): void {
    this.count = 0
  }
}
