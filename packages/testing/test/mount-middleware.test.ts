import {
  ContextKey,
  defineMiddleware,
  definePlugin,
  errors,
  GatewayResponse,
  type OptionsSchema,
  type SectionKey,
} from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { mountMiddleware } from '../src/index.ts'
import { middleware, passing } from './tested-middleware.ts'

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
    { options: { tag: '' }, problem: 'tag: expected at least one character' },
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

class Counter implements Disposable {
  count = 0;
  [Symbol.dispose](): void {
    this.count = 0
  }
}
