import { describe, expect, it } from 'vitest'
import { errors } from '../src/errors.ts'
import { HeaderList } from '../src/headers.ts'
import { GatewayResponse } from '../src/response.ts'
import type { Endpoint } from '../src/service.ts'
import { type MemoryGateway, plugin, startMemory } from './support/memory-gateway.ts'

describe('sending to a service', () => {
  it('goes through balancer, upstream hook, transport and upstreamEnd hook', async () => {
    const trace: string[] = []
    const taps = plugin('trace', ({ hooks }) => {
      hooks.upstream.tap('trace', (_exchange, attempt) => {
        trace.push(`upstream ${attempt.index} ${attempt.service.name} ${attempt.endpoint.url.host}`)
      })
      hooks.upstreamEnd.tap('trace', (_exchange, attempt) => {
        trace.push(`end ${attempt.status} ${attempt.error?.code}`)
      })
    })
    await using memory = await startMemory({}, [taps])

    const { response } = await memory.send()

    expect(trace).toEqual(['upstream 0 app app.test', 'end 200 undefined'])
    expect(response.status).toBe(200)
  })

  it('says which service answered', async () => {
    const answered: unknown[] = []
    const taps = plugin('trace', ({ hooks }) =>
      hooks.response.tap('trace', (ctx) => void answered.push(ctx.answeredBy)),
    )
    await using memory = await startMemory({}, [taps])

    await memory.send()

    expect(answered).toEqual(['service "app"'])
  })

  it('takes the fields of one connection out of the headers of an attempt only', async () => {
    const taps = plugin('sign', ({ hooks }) =>
      hooks.upstream.tap('sign', (_exchange, { headers }) => headers.set('x-signed', '1')),
    )
    await using memory = await startMemory({}, [taps])
    const exchange = memory.web.open({ headers: ['connection', 'x-hop', 'x-hop', '1', 'x-a', '2'] })

    await exchange.read()

    expect(memory.upstream.arrivals[0]?.headers).toEqual({ 'x-a': '2', 'x-signed': '1' })
    expect([...exchange.ctx.request.headers]).toHaveLength(3)
  })

  it('does not copy headers that nobody asks for', async () => {
    const seen: unknown[] = []
    await using memory = await startMemory()
    memory.upstream.respond = (_ctx, attempt) => {
      seen.push(attempt.touchedHeaders, attempt.headers, attempt.touchedHeaders)
      return new GatewayResponse({ status: 200 })
    }

    await memory.send()

    expect(seen).toEqual([undefined, expect.any(HeaderList), seen[1]])
  })

  it.each<[string, () => Promise<never>]>([
    ['throws', () => raise(errors.GW_UPSTREAM_RESET({ endpoint: 'x', problem: 'gone' }))],
    ['rejects', () => Promise.reject(errors.GW_UPSTREAM_RESET({ endpoint: 'x', problem: 'gone' }))],
  ])('becomes a response when the transport %s', async (_how, fail) => {
    const ended: unknown[] = []
    const taps = plugin('trace', ({ hooks }) =>
      hooks.upstreamEnd.tap('trace', (_exchange, { status, error }) => {
        ended.push(status, error?.code)
      }),
    )
    await using memory = await startMemory({}, [taps])
    memory.upstream.respond = fail

    expect(await memory.send()).toMatchObject({
      status: 502,
      headers: { 'proxy-status': 'gatewright; error=connection_terminated' },
    })
    expect(ended).toEqual([undefined, 'GW_UPSTREAM_RESET'])
  })

  it('takes what else a transport throws for a fault of the gateway', async () => {
    await using memory = await startMemory()
    memory.upstream.respond = () => raise(new TypeError('x is not a function'))

    expect(await memory.send()).toMatchObject({
      status: 500,
      response: { error: { code: 'GW_INTERNAL' } },
    })
  })

  it('is not done for a client that has left', async () => {
    const reached: string[] = []
    const slow = plugin('slow', ({ hooks }) =>
      hooks.upstream.tapPromise('slow', async (exchange) => {
        reached.push('upstream')
        exchange.abort(errors.GW_CLIENT_ABORTED())
      }),
    )
    await using memory = await startMemory({}, [slow])
    memory.upstream.respond = () => {
      reached.push('transport')
      return new GatewayResponse({ status: 200 })
    }

    const { answer } = memory.web.open()

    expect((await answer).error?.code).toBe('GW_CLIENT_ABORTED')
    expect(reached).toEqual(['upstream'])
  })

  it('is not done for an exchange that has ended', async () => {
    const tap = Promise.withResolvers<void>()
    const slow = plugin('slow', ({ hooks }) => hooks.upstream.tapPromise('slow', () => tap.promise))
    await using memory = await startMemory({}, [slow])

    const exchange = memory.web.open()
    exchange.finish()
    tap.resolve()

    expect((await exchange.answer).error).toBeDefined()
    expect(memory.upstream.arrivals).toEqual([])
    expect(activeOf(memory)).toEqual([0])
  })
})

describe('the exchanges on an endpoint', () => {
  it('are counted until the last byte of the response', async () => {
    await using memory = await startMemory()
    const first = memory.web.open()
    const second = memory.web.open()
    await Promise.all([first.answer, second.answer])
    expect(activeOf(memory)).toEqual([2])

    await first.read()
    expect(activeOf(memory)).toEqual([1])
    second.finish()

    expect(activeOf(memory)).toEqual([0])
  })

  it('are counted once, whoever releases an attempt how often', async () => {
    await using memory = await startMemory()
    const exchange = memory.web.open()
    await exchange.answer
    const [attempt] = exchange.ctx.attempts ?? []

    attempt?.release()
    attempt?.release()
    expect(activeOf(memory)).toEqual([0])
    exchange.finish()

    expect(activeOf(memory)).toEqual([0])
  })

  it('are counted out as soon as an attempt fails', async () => {
    await using memory = await startMemory()
    memory.upstream.respond = () => raise(new Error('boom'))
    const exchange = memory.web.open()

    expect((await exchange.answer).status).toBe(500)

    expect(activeOf(memory)).toEqual([0])
    expect(memory.gateway.exchanges).toBe(1)
    exchange.finish()
  })

  it('are counted out when another attempt begins', async () => {
    await using memory = await startMemory({
      services: { app: twoServers },
    })
    const exchange = memory.web.open()
    await exchange.answer
    const service = memory.gateway.snapshot.services.get('app')
    expect(activeOf(memory)).toEqual([1, 0])

    service?.begin(exchange.ctx)
    expect(activeOf(memory)).toEqual([0, 1])
    exchange.finish()

    expect(activeOf(memory)).toEqual([0, 0])
  })

  it.each(['client', 'upstream', 'drain'] as const)(
    'return to none after an end by %s',
    async (by) => {
      await using memory = await startMemory()
      const deferred: string[] = []
      memory.upstream.respond = (ctx) =>
        by === 'upstream'
          ? raise(errors.GW_UPSTREAM_RESET({ endpoint: 'x', problem: 'gone' }))
          : new Promise((_resolve, reject) => {
              ctx.interruptible = { interrupt: reject }
            })
      const exchange = memory.web.open()
      exchange.ctx.defer(() => deferred.push('done'))

      if (by === 'client') memory.web.ingress.abort(exchange.ctx)
      if (by === 'drain') memory.web.ingress.abort(exchange.ctx, errors.GW_DRAINING())
      await exchange.read()

      expect(activeOf(memory)).toEqual([0])
      expect(memory.gateway.exchanges).toBe(0)
      expect(deferred).toEqual(['done'])
    },
  )

  it('are not counted any more once the exchange has ended', async () => {
    await using memory = await startMemory()
    const exchange = memory.web.open()
    await exchange.read()

    const attempt = memory.gateway.snapshot.services.get('app')?.begin(exchange.ctx)

    expect(attempt).toBeUndefined()
    expect(activeOf(memory)).toEqual([0])
  })
})

const twoServers = {
  load_balancer: { servers: [{ url: 'http://a.test' }, { url: 'http://b.test' }] },
}
function activeOf({ gateway }: MemoryGateway, name = 'app'): number[] {
  const all: readonly Endpoint[] = gateway.snapshot.services.get(name)?.pool.all ?? []
  return all.map(({ active }) => active)
}

function raise(error: unknown): never {
  throw error
}
