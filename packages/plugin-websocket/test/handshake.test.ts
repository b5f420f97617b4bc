import { randomBytes } from 'node:crypto'
import { defineMiddleware, GatewayResponse, HeaderList } from '@gatewright/kernel'
import {
  deadUrl,
  hang,
  mountMiddleware,
  poolFile,
  type RawResponse,
  reply,
  resetAfter,
  type SendInit,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import plugin, { acceptOf } from '../src/index.ts'
import { refused, startTalker } from './talk.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

describe('a handshake', () => {
  it('is answered by the server', async () => {
    await using talker = await startTalker()
    await using gateway = await startGateway(poolFile([talker.url]))

    const response = await shake(gateway, {})

    expect(response).toMatchObject({
      status: 101,
      headers: { upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-accept': accept },
    })
    expect(talker.asked[0]?.headers).toMatchObject({
      'sec-websocket-key': key,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
    })
  })

  it.each<[string, Shake]>([
    ['another method', { method: 'POST' }],
    ['a body', { fields: ['Content-Length: 1'], body: 'x' }],
    ['no version', { version: [] }],
    ['version 8', { version: ['8'] }],
    ['two versions', { version: ['13', '13'] }],
    ['a list of versions', { version: ['13, 8'] }],
    ['no key', { key: [] }],
    ['an empty key', { key: [''] }],
    ['two keys', { key: [key, key] }],
    ['a key of 15 bytes', { key: [randomBytes(15).toString('base64')] }],
    ['a key of 17 bytes', { key: [randomBytes(17).toString('base64')] }],
    ['a key in base64url', { key: ['__hlIHNhbXBsZSBub25jZQ=='] }],
  ])('with %s is refused, and the server hears nothing of it', async (_what, given) => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(poolFile([upstream.url]))

    const response = await shake(gateway, given)

    expect(response.status).toBe(400)
    expect(response.headers['sec-websocket-version']).toBe('13')
    expect(response.json()).toMatchObject({
      code: 'GW_WEBSOCKET_HANDSHAKE',
      error: 'Invalid WebSocket handshake',
      detail: expect.stringMatching(/^invalid WebSocket handshake: /),
    })
    expect(upstream.requests).toEqual([])
  })

  it('that names the protocol among others, in any case, is one', async () => {
    await using talker = await startTalker()
    await using gateway = await startGateway(poolFile([talker.url]))

    const response = await shake(gateway, {
      connection: 'keep-alive, Upgrade',
      upgrade: 'h2c, WebSocket',
    })

    expect(response.status).toBe(101)
    expect(talker.asked[0]?.headers.upgrade).toBe('websocket')
  })

  it.each(['connection', 'upgrade'] as const)('without %s is a plain request', async (field) => {
    await using upstream = await startUpstream(reply(200, {}, 'plain'))
    await using gateway = await startGateway(poolFile([upstream.url]))

    const response = await shake(gateway, { [field]: 'x' })

    expect(response.text).toBe('plain')
    expect(upstream.requests[0]?.headers).not.toHaveProperty('upgrade')
  })

  it('gets 502 if no server is there', async () => {
    await using gateway = await startGateway(poolFile([await deadUrl()]))

    expect((await refused(gateway)).status).toBe(502)
  })

  it('gets 502 if the server breaks off', async () => {
    await using upstream = await startUpstream(resetAfter(0, reply()))
    await using gateway = await startGateway(poolFile([upstream.url]))

    expect((await refused(gateway)).status).toBe(502)
  })

  it('gets 504 if the server does not answer', async () => {
    await using upstream = await startUpstream(hang())
    const balancing = 'request_timeout = "100ms"'
    await using gateway = await startGateway(poolFile([upstream.url], { balancing }))

    expect((await refused(gateway)).status).toBe(504)
  })

  it('gets what a server says that refuses it, body included', async () => {
    const answer = reply(401, { 'WWW-Authenticate': 'Basic realm="chat"' }, 'who are you?')
    await using upstream = await startUpstream(answer)
    await using gateway = await startGateway(poolFile([upstream.url]))

    const refusal = await refused(gateway)

    expect([refusal.status, refusal.body]).toEqual([401, 'who are you?'])
    expect(refusal.headers['www-authenticate']).toBe('Basic realm="chat"')
  })

  it('gets 404 where there is no route', async () => {
    await using gateway = await startGateway(
      poolFile(['http://127.0.0.1:9']).replace('PathPrefix(`/`)', 'Path(`/chat`)'),
    )

    expect((await refused(gateway)).status).toBe(404)
  })
})

describe('a handshake over HTTP/2', () => {
  const extended: SendInit = { version: '2', headers: { upgrade: 'websocket' } }

  it('gets a key and a version, and its server is held to the key', async () => {
    await using mounted = await mountMiddleware(
      passing,
      {},
      {
        plugins: [plugin],
        terminal: ({ request }) =>
          switching(acceptOf(request.headers.get('sec-websocket-key') ?? '')),
      },
    )

    const response = await mounted.send(extended)

    expect(response.status).toBe(101)
    expect(response.headers).not.toHaveProperty('sec-websocket-accept')
    const { headers } = response.ctx.request
    expect(headers.get('sec-websocket-key')).toMatch(/^[\w+/]{22}==$/)
    expect(headers.get('sec-websocket-version')).toBe('13')
    response.upgrade?.destroy()
  })

  it.each([undefined, accept])('gets 502 if the server accepts %s', async (given) => {
    await using mounted = await mountMiddleware(
      passing,
      {},
      {
        plugins: [plugin],
        terminal: () => switching(given),
      },
    )

    expect(await mounted.send(extended)).toMatchObject({
      status: 502,
      error: { code: 'GW_WEBSOCKET_ACCEPT' },
    })
  })

  it('of another version is refused', async () => {
    await using mounted = await mountMiddleware(passing, {}, { plugins: [plugin] })
    const headers = { upgrade: 'websocket', 'sec-websocket-version': '8' }

    expect((await mounted.send({ ...extended, headers })).status).toBe(400)
    expect(mounted.upstream.requests).toEqual([])
  })
})

/** Where only the handshake matters. */
const passing = defineMiddleware({
  type: 'passing',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({ onRequest: () => undefined }),
})

function switching(given: string | undefined): GatewayResponse {
  const fields = given === undefined ? [] : ['sec-websocket-accept', given]
  const upgrade = { source: empty, connect: () => undefined, destroy: () => undefined }
  return new GatewayResponse({ status: 101, headers: new HeaderList(fields), upgrade })
}

const empty = {
  length: undefined,
  start: () => undefined,
  resume: () => undefined,
  cancel: () => undefined,
}

interface Shake {
  readonly method?: string
  readonly connection?: string
  readonly upgrade?: string
  readonly version?: readonly string[]
  readonly key?: readonly string[]
  readonly fields?: readonly string[]
  readonly body?: string
}

/** Sends a handshake as it is, and reads the answer. */
async function shake(gateway: TestGateway, given: Shake): Promise<RawResponse> {
  const { method = 'GET', connection = 'upgrade', upgrade = 'websocket', body = '' } = given
  const lines = [
    `${method} /chat HTTP/1.1`,
    'Host: a',
    `Connection: ${connection}`,
    `Upgrade: ${upgrade}`,
    ...(given.version ?? ['13']).map((version) => `Sec-WebSocket-Version: ${version}`),
    ...(given.key ?? [key]).map((text) => `Sec-WebSocket-Key: ${text}`),
    ...(given.fields ?? []),
  ]
  using client = await gateway.connect()
  await client.send(`${lines.join('\r\n')}\r\n\r\n${body}`)
  return await client.readResponse()
}
