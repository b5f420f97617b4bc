import { describe, expect, it } from 'vitest'
import {
  chunked,
  closeDelimited,
  createTestGateway,
  fakeUpstream,
  hcl,
  type InjectInit,
  interim,
  type Reply,
  reply,
  resetAfter,
} from '../../src/index.ts'

const config = hcl`
  routers "open" {
    rule        = "PathPrefix(\`/open\`)"
    service     = "api"
    middlewares = ["browsers"]
  }
  routers "closed" {
    rule        = "PathPrefix(\`/closed\`)"
    service     = "api"
    middlewares = ["keys"]
  }
  middlewares "browsers" {
    type            = "cors"
    allowed_origins = ["https://shop.test"]
  }
  middlewares "keys" {
    type = "api-key"
    keys = ["0123456789abcdef0123"]
  }
`

interface Asked extends Omit<InjectInit, 'headers'> {
  readonly headers?: Readonly<Record<string, string>>
}

/** What a server does, and what is asked. */
const cases: Record<string, [Reply, Asked]> = {
  'a plain answer': [reply(200, { 'x-a': '1' }, 'text'), { url: '/open?x=%2F' }],
  'no content': [reply(204), { url: '/open' }],
  'an answer to HEAD': [reply(200, { 'content-length': '4' }), { method: 'HEAD', url: '/open' }],
  'an answer in chunks, with trailers': [
    chunked(200, { trailer: 'x-sum' }, ['a', 'b'], { 'x-sum': '2' }),
    { url: '/open', headers: { te: 'trailers' } },
  ],
  'an answer that ends with its connection': [
    closeDelimited(200, {}, ['a', 'b']),
    { url: '/open' },
  ],
  'two cookies': [reply(200, { 'set-cookie': ['a=1', 'b=2'] }), { url: '/open' }],
  'a redirect': [reply(302, { location: '/there' }), { url: '/open' }],
  'a hint before the answer': [
    interim([{ status: 103, headers: { link: '</a.css>' } }], reply(200, {}, 'x')),
    { url: '/open' },
  ],
  'a body that is sent': [reply(201), { method: 'POST', url: '/open', body: 'sent' }],
  'a lie about the client': [reply(), { url: '/open', headers: { 'x-forwarded-for': '1.1.1.1' } }],
  'what no router takes': [reply(), { url: '/elsewhere' }],
  'what a middleware refuses': [reply(), { url: '/closed' }],
  'what a middleware answers': [
    reply(),
    {
      method: 'OPTIONS',
      url: '/open',
      headers: { origin: 'https://shop.test', 'access-control-request-method': 'PUT' },
    },
  ],
  'a server that breaks off': [
    resetAfter(10, reply()),
    { method: 'POST', url: '/open', body: 'x' },
  ],
}

describe('inject answers as a socket does:', () => {
  it.each(Object.entries(cases))('%s', async (_, [answer, init]) => {
    const api = fakeUpstream.http(answer)
    await using gw = await createTestGateway({ config, upstreams: { api } })

    const injected = await gw.inject({ ...init, headers: { host: 'a.test', ...init.headers } })
    const { method = 'GET', url = '/', body } = init
    const received = await gw.request(url, {
      method,
      headers: { host: 'a.test', ...init.headers },
      ...(typeof body === 'string' && { body }),
    })

    expect(partsOf(injected)).toEqual(partsOf(received))
    const [first, second] = api.calls
    expect(first?.rawHead.split('\r\n').toSorted()).toEqual(
      second?.rawHead.split('\r\n').toSorted(),
    )
    expect(first?.text).toBe(second?.text)
  })
})

/** Without what belongs to one connection and one moment. */
function partsOf(response: {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly trailers: Readonly<Record<string, string>>
  readonly interim: readonly { readonly status: number }[]
}): object {
  const { status, headers, text, trailers, interim: hints } = response
  const own = new Set([
    'connection',
    'date',
    'keep-alive',
    'transfer-encoding',
    'content-length',
    'trailer',
  ])
  const kept = Object.entries(headers).filter(([name]) => !own.has(name))
  return {
    status,
    headers: Object.fromEntries(kept),
    text,
    trailers,
    hints: hints.map((hint) => hint.status),
  }
}
