import { describe, expect, it } from 'vitest'
import { errors } from '../src/errors.ts'
import { defineErrors, type GatewayError } from '../src/gateway-error.ts'
import { plainConfig, plugin, startMemory } from './support/memory-gateway.ts'
import type { Reply } from './support/memory-network.ts'

const catalogue = defineErrors({
  GW_TEST_DENIED: {
    status: 403,
    source: 'client',
    message: (p: { who: string }) => `"${p.who}" may not`,
    hint: 'ask somebody else',
  },
  GW_TEST_LEGACY: {
    status: 429,
    source: 'client',
    publicMessage: 'Rate limit exceeded',
    message: () => 'limit of 10 per minute',
  },
  GW_TEST_SECRET: {
    status: 500,
    source: 'gateway',
    message: () => 'the key file /etc/gateway/key is missing',
  },
})

describe('the body of an error response', () => {
  it('is a problem that tells the client what it did wrong', async () => {
    expect(parsed(await replyTo(catalogue.GW_TEST_DENIED({ who: 'bob' })))).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      code: 'GW_TEST_DENIED',
      error: '"bob" may not',
      detail: '"bob" may not',
    })
  })

  it('has the text that older clients know', async () => {
    expect(parsed(await replyTo(catalogue.GW_TEST_LEGACY()))).toMatchObject({
      error: 'Rate limit exceeded',
      detail: 'limit of 10 per minute',
    })
  })

  it('has what an error adds to it, but not in place of what every one has', async () => {
    const error = catalogue.GW_TEST_LEGACY(undefined, { members: { limit: 10, status: 200 } })

    expect(parsed(await replyTo(error))).toMatchObject({ limit: 10, status: 429 })
  })

  it('has the status that an option asks for, in the head as well', async () => {
    const reply = await replyTo(catalogue.GW_TEST_DENIED({ who: 'bob' }, { status: 451 }))

    expect(reply.status).toBe(451)
    expect(parsed(reply)).toMatchObject({
      title: 'Unavailable For Legal Reasons',
      status: 451,
      code: 'GW_TEST_DENIED',
    })
  })

  it('does not tell the client what only the operator may know', async () => {
    const reply = await replyTo(catalogue.GW_TEST_SECRET())

    expect(parsed(reply)).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      code: 'GW_TEST_SECRET',
      error: 'Internal Server Error',
    })
    expect(JSON.stringify(reply)).not.toContain('/etc/gateway')
  })

  it('does not tell the client what a plugin threw', async () => {
    const cause = new Error('connect to redis://user:pass@10.0.0.1 failed')
    const reply = await replyTo(cause)

    expect(parsed(reply)).toMatchObject({ code: 'GW_PLUGIN_ERROR', error: 'Middleware error' })
    expect(reply.body).not.toContain('redis')
  })

  it('is that of 404 where no router matches', async () => {
    await using memory = await startMemory({ routers: { a: { rule: '/a', service: 'app' } } })

    const reply = await memory.send({ target: '/b"\n' })

    expect(reply).toMatchObject({
      status: 404,
      headers: { 'content-type': 'application/problem+json' },
    })
    expect(parsed(reply)).toMatchObject({ code: 'GW_NO_ROUTE', error: 'No route matched' })
  })

  it('is left alone if a plugin has made one', async () => {
    const pages = plugin('pages', ({ hooks }) =>
      hooks.response.tap('pages', (_ctx, response) => {
        if (response.error !== undefined) response.body = '<h1>Sorry</h1>'
      }),
    )
    const reply = await replyTo(catalogue.GW_TEST_SECRET(), [pages])

    expect(reply).toMatchObject({ status: 500, body: '<h1>Sorry</h1>' })
  })
})

describe('the fields of an error response', () => {
  it('name the kind of failure to proxies', async () => {
    const { headers } = await replyTo(errors.GW_SERVICE_UNAVAILABLE({ service: 'app' }))

    expect(headers['proxy-status']).toBe('gatewright; error=destination_unavailable')
    expect(headers['content-type']).toBe('application/problem+json')
    expect(new Date(headers['date'] ?? '').toUTCString()).toBe(headers['date'])
  })

  it('have those of the error', async () => {
    const error = catalogue.GW_TEST_LEGACY(undefined, {
      headers: ['Retry-After', '30', 'x-limit', '10'],
    })

    expect((await replyTo(error)).headers).toMatchObject({ 'retry-after': '30', 'x-limit': '10' })
  })

  it('leave out what would break the response', async () => {
    const error = catalogue.GW_TEST_LEGACY(undefined, {
      headers: ['x bad', '1', 'x-bad', 'a\r\nb', 'x-good', '1'],
    })

    const { status, headers } = await replyTo(error)

    expect(status).toBe(429)
    expect(headers).toMatchObject({ 'x-good': '1' })
    expect(Object.keys(headers)).not.toContain('x-bad')
  })
})

describe('the log of a failed request', () => {
  it.each([
    [catalogue.GW_TEST_DENIED({ who: 'bob' }), 'debug'],
    [errors.GW_SERVICE_UNAVAILABLE({ service: 'app' }), 'warn'],
    [catalogue.GW_TEST_SECRET(), 'error'],
  ])('has the level of who caused it: %s', async (error, level) => {
    await using memory = await startMemory({}, [throwing(error)])

    await memory.send()

    expect(memory.logs.find('request failed')).toMatchObject([
      { level, code: error.code, source: error.source, problem: error.message },
    ])
  })

  it('says where the request was going', async () => {
    await using memory = await startMemory()
    memory.upstream.respond = () => {
      throw errors.GW_UPSTREAM_RESET({ endpoint: 'http://app.test/', problem: 'gone' })
    }

    await memory.send()

    expect(memory.logs.find('request failed')).toMatchObject([
      { router: 'app', service: 'app', endpoint: 'http://app.test/', answeredBy: 'service "app"' },
    ])
  })
})

async function replyTo(
  error: unknown,
  plugins: readonly ReturnType<typeof plugin>[] = [],
): Promise<Reply> {
  await using memory = await startMemory(plainConfig(), [throwing(error), ...plugins])
  return memory.send()
}

function throwing(error: unknown): ReturnType<typeof plugin> {
  return plugin('throwing', ({ hooks }) =>
    hooks.request.tap('throwing', () => {
      throw error as GatewayError
    }),
  )
}

function parsed({ body }: Reply): unknown {
  return JSON.parse(body)
}
