import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { errors, GatewayResponse, HeaderList } from '@gatewright/kernel'
import { describe, expect, it, vi } from 'vitest'
import { mountMiddleware } from '../src/index.ts'
import { middleware, passing } from './tested-middleware.ts'

describe('upstream in memory', () => {
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

  it('hands over the connection of an upgrade, and waits for its end', async () => {
    const upgrade = new PassThrough()
    const { send, gateway } = await mountMiddleware(
      passing,
      {},
      { terminal: () => new GatewayResponse({ status: 101, upgrade }) },
    )

    const response = await send({ headers: { connection: 'upgrade', upgrade: 'Custom' } })

    expect([response.status, response.ctx.request.upgrade]).toEqual([101, 'custom'])
    response.upgrade?.write('hello')
    expect(String(await once(response.upgrade ?? upgrade, 'data'))).toBe('hello')
    expect(gateway.exchanges).toBe(1)
    upgrade.destroy()
    await vi.waitFor(() => expect(gateway.exchanges).toBe(0))
  })
})

async function* brokenPieces(): AsyncGenerator<string> {
  yield 'begun'
  throw new Error('the wire broke')
}
