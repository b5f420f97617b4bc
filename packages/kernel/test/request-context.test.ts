import { describe, expect, it } from 'vitest'
import { errors } from '../src/errors.ts'
import { HeaderList } from '../src/headers.ts'
import type { Around } from '../src/middleware.ts'
import type { ForkedContext } from '../src/request-context.ts'
import { GatewayResponse } from '../src/response.ts'
import { PushedSource, readAll } from './support/bodies.ts'
import { fakeContext } from './support/contexts.ts'
import { chainConfig, middlewaresOf, plainConfig, startMemory } from './support/memory-gateway.ts'

describe('failing a request', () => {
  it('makes a response of anything that was thrown', () => {
    const ctx = fakeContext()

    expect(ctx.fail(errors.GW_NO_ROUTE({ target: '/' }))).toMatchObject({ status: 404 })
    expect(ctx.fail(new Error('boom'))).toMatchObject({
      status: 500,
      error: { code: 'GW_INTERNAL', message: 'boom', cause: new Error('boom') },
    })
    expect(ctx.fail('boom').error?.message).toBe('boom')
    expect(ctx.fail(undefined).error?.message).toBe('undefined')
    expect(ctx.fail(Object.create(null)).error?.message).toBe('an unprintable value')
  })

  it('gives the abort as its reason once it was aborted', () => {
    const ctx = fakeContext()
    ctx.abort(errors.GW_CLIENT_ABORTED())

    expect(ctx.fail(new DOMException('aborted', 'AbortError'))).toMatchObject({
      status: 499,
      error: { code: 'GW_CLIENT_ABORTED' },
    })
  })
})

describe('informing a client', () => {
  it('sends an interim response until the final one stands', () => {
    const sent: number[] = []
    const ctx = fakeContext({}, (status) => sent.push(status))

    ctx.inform(103, new HeaderList())
    ctx.established = true
    ctx.inform(103, new HeaderList())

    expect(sent).toEqual([103])
  })

  it('does nothing where the protocol cannot', () => {
    expect(() => fakeContext().inform(103, new HeaderList())).not.toThrow()
  })
})

describe('a fork', () => {
  it('has a head of its own', () => {
    const ctx = fakeContext({ method: 'POST', target: '/a?b=1', headers: ['x-a', '1'] })
    ctx.request.path = '/changed'

    const fork = ctx.fork(0)
    fork.request.path = '/shadow'
    fork.request.headers.set('x-a', '2')

    expect(ctx.request).toMatchObject({ method: 'POST', target: '/changed?b=1' })
    expect(ctx.request.headers.get('x-a')).toBe('1')
    expect(fork.request).toMatchObject({ method: 'POST', target: '/shadow?b=1' })
  })

  it('has a copy of the body', async () => {
    const ctx = fakeContext({ body: new PushedSource(['one ', 'two']) })

    const fork = ctx.fork(100)
    const [main, copy] = await Promise.all([
      readAll(ctx.request.takeBody()),
      readAll(fork.request.takeBody()),
    ])

    expect([main.text, copy.text]).toEqual(['one two', 'one two'])
  })

  it('does not slow the original down', async () => {
    const ctx = fakeContext({ body: new PushedSource(['12345', '67890']) })

    const fork = ctx.fork(5)

    expect((await readAll(ctx.request.takeBody())).text).toBe('1234567890')
    expect((await readAll(fork.request.takeBody())).error).toMatchObject({
      code: 'GW_BODY_TOO_LARGE',
    })
  })

  it('does not wait for a body that ended unread with the original', async () => {
    const ctx = fakeContext({ body: new PushedSource(['one ', 'two']) })
    const fork = ctx.fork(100)
    const reading = readAll(fork.request.takeBody())

    ctx.runDeferred(() => undefined)

    expect((await reading).error).toMatchObject({ code: 'GW_BODY_ABORTED' })
  })

  it('is not aborted with the original', () => {
    const ctx = fakeContext()
    const fork = ctx.fork(0)

    ctx.abort(errors.GW_CLIENT_ABORTED())

    expect(fork.signal.aborted).toBe(false)
  })

  it('leaves its endpoints and its snapshot when it ends', async () => {
    const forks: ForkedContext[] = []
    const mirror: Around = {
      around: async (ctx, next) => {
        const fork = ctx.fork(100)
        forks.push(fork)
        const [response, shadow] = await Promise.all([next(ctx), next(fork)])
        shadow.discard()
        return response
      },
    }
    await using memory = await startMemory(chainConfig({ mirror: { type: 'mirror' } }), [
      middlewaresOf({ mirror: () => mirror }),
    ])
    const endpoint = memory.gateway.snapshot.services.get('app')?.pool.all[0]

    const reply = await memory.send({ method: 'POST', body: 'both' })

    expect(reply.status).toBe(200)
    expect(memory.upstream.arrivals.map(({ body }) => body)).toEqual(['both', 'both'])
    expect([memory.gateway.exchanges, endpoint?.active]).toEqual([1, 1])
    const ended: string[] = []
    forks[0]?.defer(() => ended.push('deferred'))
    forks[0]?.end()
    forks[0]?.end()
    expect([memory.gateway.exchanges, endpoint?.active]).toEqual([0, 0])
    expect(ended).toEqual(['deferred'])
  })

  it('keeps its snapshot from being retired', async () => {
    let fork: ForkedContext | undefined
    await using memory = await startMemory(chainConfig({ mirror: { type: 'mirror' } }), [
      middlewaresOf({
        mirror: () => ({
          onRequest: (ctx) => {
            fork = ctx.fork(0)
            return new GatewayResponse({ status: 204 })
          },
        }),
      }),
    ])
    await memory.send()

    await memory.reload(plainConfig())
    expect(memory.gateway.liveSnapshots).toBe(2)
    fork?.end()

    expect(memory.gateway.liveSnapshots).toBe(1)
  })

  it('gives up a body that it did not read when it ends', async () => {
    const ctx = fakeContext({ body: new PushedSource(['12345', '67890']) })
    const fork = ctx.fork(5)

    fork.end()

    expect(fork.request.hasBody).toBe(false)
    expect((await readAll(ctx.request.takeBody())).text).toBe('1234567890')
  })
})
