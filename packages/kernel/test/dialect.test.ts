import { describe, expect, it } from 'vitest'
import type { Dialect, DialectFactory } from '../src/dialect.ts'
import { errors } from '../src/errors.ts'
import { HeaderList } from '../src/headers.ts'
import type { Plugin } from '../src/plugin.ts'
import { GatewayResponse } from '../src/response.ts'
import { PushedSource } from './support/bodies.ts'
import { fakeRequest } from './support/contexts.ts'
import { chainConfig, middlewaresOf, plugin, startMemory } from './support/memory-gateway.ts'

/** Says everything with a field of its own. */
const said = 'x-said'

describe('a dialect', () => {
  it('has the last word about what its clients get', async () => {
    await using memory = await startMemory({}, [dialectOf({ answer: sayIt }), lateTap])

    const { response } = await memory.send({ version: '2' })

    expect(response.status).toBe(200)
    expect(response.headers.get(said)).toBe('200 from the response hook')
  })

  it('says errors in its words', async () => {
    await using memory = await startMemory({ routers: {} }, [dialectOf({ answer: sayIt })])

    const { response } = await memory.send({ version: '2' })

    expect(response).toMatchObject({ status: 200, error: { code: 'GW_NO_ROUTE' } })
    expect(response.headers.get(said)).toBe('404 ')
    expect(response.hasBody).toBe(false)
  })

  it('says in its words that a tap of the response failed', async () => {
    const failing = plugin('failing', ({ hooks }) =>
      hooks.response.tap('failing', () => {
        throw new Error('oops')
      }),
    )
    await using memory = await startMemory({}, [dialectOf({ answer: sayIt }), failing])

    const { response } = await memory.send({ version: '2' })

    expect(response.headers.get(said)).toBe('502 ')
  })

  it('is asked for the versions that it names, and for requests that it knows', async () => {
    const asked: string[] = []
    const factory = dialectOf({ answer: sayIt }, (request) => {
      asked.push(request.target)
      return request.target === '/it'
    })
    await using memory = await startMemory({}, [factory])

    const other = await memory.send({ version: '1.1', target: '/it' })
    const plain = await memory.send({ version: '2', target: '/plain' })
    const spoken = await memory.send({ version: '2', target: '/it' })

    expect(asked).toEqual(['/plain', '/it'])
    expect(other.response.headers.has(said)).toBe(false)
    expect(plain.response.headers.has(said)).toBe(false)
    expect(spoken.response.headers.has(said)).toBe(true)
  })

  it('may refuse a request before anything else sees it', async () => {
    await using memory = await startMemory({}, [dialectOf({ begin: refuse, answer: sayIt })])

    const { response } = await memory.send({ version: '2' })

    expect(response.headers.get(said)).toBe('400 ')
    expect(memory.upstream.arrivals).toEqual([])
  })

  it('refuses in the words of HTTP what it cannot answer in its own', async () => {
    await using memory = await startMemory({}, [dialectOf({ answer: sayIt }, refuse)])

    const reply = await memory.send({ version: '2' })

    expect(reply.status).toBe(400)
    expect(reply.response.headers.has(said)).toBe(false)
  })

  it('answers requests that are not routed', async () => {
    await using memory = await startMemory({}, [dialectOf({ answer: sayIt })])
    const error = errors.GW_BAD_REQUEST({ problem: 'one too many' })

    const { ingress } = memory.web
    const connection = memory.web.connect()

    const plain = ingress.refuse(connection, fakeRequest({ version: '1.1' }), error)
    const spoken = ingress.refuse(connection, fakeRequest({ version: '2' }), error)

    expect(plain.response.status).toBe(400)
    expect(spoken.response.headers.get(said)).toBe('400 ')
    for (const { ctx } of [plain, spoken]) ingress.close(ctx)
  })

  it('can be brought in by a middleware', async () => {
    const bringing = middlewaresOf({
      m: () => ({
        onRequest: (ctx) => {
          ctx.dialect = { answer: sayIt }
          throw errors.GW_BAD_REQUEST({ problem: 'nonsense' })
        },
      }),
    })
    await using memory = await startMemory(chainConfig({ m: { type: 'm' } }), [bringing])

    const { response } = await memory.send()

    expect(response.headers.get(said)).toBe('400 ')
  })

  it('costs nobody anything when it fails', async () => {
    await using memory = await startMemory({}, [dialectOf({ arrived: fail, answer: fail })])

    const { response } = await memory.send({ version: '2' })

    expect(response.status).toBe(200)
    expect(memory.logs.lines.filter(({ level }) => level === 'error')).toHaveLength(2)
  })
})

describe('what a response says in a dialect', () => {
  it('is known to those who learn how attempts end, if the head says it', async () => {
    const codes: unknown[] = []
    const taps = plugin('trace', ({ hooks }) =>
      hooks.upstreamEnd.tap('trace', (_exchange, { code }) => void codes.push(code)),
    )
    const dialect = dialectOf({
      arrived: (_ctx, attempt) => {
        attempt.code = 'BUSY'
      },
      answer: sayIt,
    })
    await using memory = await startMemory({}, [taps, dialect])

    await memory.send({ version: '2' })

    expect(codes).toEqual(['BUSY'])
  })

  it('is told to the features of the service once the body has said it', async () => {
    const told: unknown[] = []
    const body = new PushedSource(['x'])
    const dialect = dialectOf({
      arrived: (_ctx, attempt, response) =>
        void response.trailers.then((trailers) => {
          attempt.conclude(trailers.get('code') ?? '')
          attempt.conclude('AGAIN')
        }),
      answer: () => undefined,
    })
    const watching = plugin('watching', ({ serviceFeatures }) =>
      serviceFeatures.register({
        type: 'watched',
        parent: 'service',
        stage: 0,
        schema: { type: 'boolean', description: 'Whether.' },
        create: () => ({
          attemptEnded: (_exchange, { code }) => void told.push('ended', code),
          attemptConcluded: (_exchange, { code }) => void told.push('concluded', code),
        }),
      }),
    )
    const services = {
      app: { watched: true, load_balancer: { servers: [{ url: 'http://app.test' }] } },
    }
    await using memory = await startMemory({ services }, [dialect, watching])
    memory.upstream.respond = () =>
      new GatewayResponse({
        status: 200,
        body,
        trailers: Promise.resolve(new HeaderList(['code', 'BUSY'])),
      })

    await memory.send({ version: '2' })

    expect(told).toEqual(['ended', undefined, 'concluded', 'BUSY'])
  })
})

const lateTap = plugin('late', ({ hooks }) =>
  hooks.response.tap({ name: 'late', stage: 1_000_000 }, (_ctx, { headers }) =>
    headers.set('x-late', 'from the response hook'),
  ),
)

function refuse(): never {
  throw errors.GW_BAD_REQUEST({ problem: 'nonsense' })
}

function fail(): never {
  throw new Error('oops')
}

function sayIt(response: GatewayResponse): void {
  const { headers, status } = response
  headers.set(said, `${status} ${headers.get('x-late') ?? ''}`)
  response.body = null
  response.status = 200
}

function dialectOf(
  dialect: Dialect,
  knows: (request: Parameters<DialectFactory['find']>[0]) => boolean = () => true,
): Plugin {
  return plugin('dialect', ({ dialects }) =>
    dialects.register({
      type: 'test',
      versions: ['2'],
      find: (request) => (knows(request) ? dialect : undefined),
    }),
  )
}
