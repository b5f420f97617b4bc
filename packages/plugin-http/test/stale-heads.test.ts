import { GatewayResponse, type HeaderList, type RequestContext } from '@gatewright/kernel'
import { after, chunked, reply, requestBytes, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { startBehind } from './behind.ts'

describe('a request that a plugin answers while it waits for a connection', () => {
  it('is not sent any more, and nothing of a later one in its place', async () => {
    const free = Promise.withResolvers<void>()
    const targets: string[] = []
    await using upstream = await startUpstream(({ target }) => {
      targets.push(target)
      return target === '/first' ? after(free.promise, reply(200, {}, 'first')) : reply(200)
    })
    await using gateway = await startBehind(upstream, {
      balancer: { max_connections_per_server: 1 },
      middleware: {
        around: (ctx, next) => {
          if (ctx.request.path !== '/impatient') return next(ctx)
          void next(ctx)
          return new GatewayResponse({ status: 202 })
        },
      },
    })
    using first = await gateway.connect()
    using second = await gateway.connect()
    void first.send(requestBytes('GET', '/first', 'h'))
    await vi.waitFor(() => expect(targets).toEqual(['/first']))

    void second.send(requestBytes('GET', '/impatient', 'h'))
    expect((await second.readResponse()).status).toBe(202)
    void second.send(requestBytes('GET', '/secret', 'h'))
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(2))
    free.resolve()

    expect((await first.readResponse()).text).toBe('first')
    expect((await second.readResponse()).status).toBe(200)
    expect(targets).toEqual(['/first', '/secret'])
  })
})

describe('a plugin that looks at an exchange after its end', () => {
  it('sees nothing of a later request on the connection', async () => {
    let kept: RequestContext | undefined
    await using upstream = await startUpstream(() => reply(200))
    await using gateway = await startBehind(upstream, {
      middleware: {
        onRequest: (ctx) => {
          kept ??= ctx
          return new GatewayResponse({ status: 204 })
        },
      },
    })
    using client = await gateway.connect()
    for (const target of ['/first', '/second']) {
      void client.send(requestBytes('GET', target, target.slice(1)))
      await client.readResponse()
    }
    // The head of the first request has been taken for this one.
    void client.send('GET /third HTTP/1.1\r\nhost: third\r\nx-secret: 1\r\n')
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))

    expect(['/first', '']).toContain(kept?.request.target)
    expect(['first', '']).toContain(kept?.request.authority)
    expect(kept?.request.headers.raw()).toEqual([])
  })
})

describe('a plugin that answers two requests with the fields of one response', () => {
  it('gets both answered, and what follows them', async () => {
    const more = Promise.withResolvers<void>()
    let kept: HeaderList | undefined
    await using upstream = await startUpstream(({ target }) =>
      chunked(200, { 'x-for': target }, () => twoPieces(target, more.promise)),
    )
    await using gateway = await startBehind(upstream, {
      middleware: {
        around: async (ctx, next) => {
          const response = await next(ctx)
          if (ctx.request.target === '/first') kept = response.headers
          if (ctx.request.target !== '/second' || kept === undefined) return response
          const body = response.body
          return new GatewayResponse({ status: 200, headers: kept, body })
        },
      },
    })
    using first = await gateway.connect()
    using second = await gateway.connect()
    void first.send(requestBytes('GET', '/first', 'h'))
    await first.readHead()
    void second.send(requestBytes('GET', '/second', 'h'))
    expect((await second.readHead()).rawHeaders).toContain('/first')
    more.resolve()

    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0))
  })
})

async function* twoPieces(first: string, more: Promise<void>): AsyncGenerator<string> {
  yield first
  await more
  yield '!'
}
