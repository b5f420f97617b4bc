import { startGateway, type TestGateway } from '@gatewright/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { configFor } from '../behind.ts'
import { type EchoUpstream, startEchoUpstream } from '../desync/echo-upstream.ts'
import { connectRaw, Flag, Frame, get, type RawHttp2 } from './raw-http2.ts'

let upstream: EchoUpstream
let gateway: TestGateway

beforeAll(async () => {
  upstream = await startEchoUpstream()
  const routers = {
    all: { rule: 'PathPrefix(`/`)', service: 'app' },
    options: { rule: 'Method(`OPTIONS`)', service: 'app' },
  }
  gateway = await startGateway({ ...configFor(upstream.url), routers })
})

afterAll(async () => {
  await gateway.close()
  await upstream[Symbol.asyncDispose]()
})

beforeEach(async () => upstream.forget())

type Fields = readonly (readonly [string, string])[]

const method = (value: string): Fields => [[':method', value], ...get.slice(1)]
const path = (value: string): Fields => [...get.slice(0, 2), [':path', value], ...get.slice(3)]
const host = (value: string): Fields => [...get.slice(0, 3), [':authority', value]]
const also = (...fields: Fields): Fields => [...get, ...fields]
const post = (...fields: Fields): Fields => [...method('POST'), ...fields]

/** Refused by the gateway with that status, or by what reads the frames (`reset`). */
const refused: readonly (readonly [string, Fields, number | 'reset'])[] = [
  ['a space in the method', method('GET /admin'), 'reset'],
  ['a line end in the method', method('GET\r\n'), 'reset'],
  ['an empty method', method(''), 'reset'],
  ['a long method', method('X'.repeat(33)), 400],
  [
    'CONNECT without more',
    [
      [':method', 'CONNECT'],
      [':authority', 'a:443'],
    ],
    405,
  ],
  ['CONNECT with a path', method('CONNECT'), 'reset'],
  ['a space in the path', path('/a HTTP/1.1'), 400],
  ['a line end in the path', path('/a HTTP/1.1\r\nHost: b\r\n\r\nGET /b'), 'reset'],
  ['a tab in the path', path('/a\tb'), 400],
  ['NUL in the path', path('/a\0b'), 'reset'],
  ['a fragment', path('/a#b'), 400],
  ['bytes above 0x7E in the path', path('/\xff'), 400],
  ['an empty path', path(''), 'reset'],
  ['a path without a slash', path('a'), 'reset'],
  ['a URL as the path', path('http://b/'), 'reset'],
  ['an asterisk of GET', path('*'), 'reset'],
  ['a long path', path(`/${'a'.repeat(8192)}`), 414],
  ['no path', [...get.slice(0, 2), ...get.slice(3)], 'reset'],
  ['no scheme', [...get.slice(0, 1), ...get.slice(2)], 'reset'],
  ['another scheme', [...get.slice(0, 1), [':scheme', 'ftp'], ...get.slice(2)], 400],
  ['no method', get.slice(1), 'reset'],
  ['no host at all', get.slice(0, 3), 400],
  ['two paths', [...get, [':path', '/b']], 'reset'],
  ['a pseudo field behind others', [...get.slice(0, 3), ['x-a', '1'], ...get.slice(3)], 'reset'],
  ['an unknown pseudo field', [[':x', '1'], ...get], 'reset'],
  ['":status"', [[':status', '200'], ...get], 'reset'],
  ['":protocol" of GET', [[':protocol', 'websocket'], ...get], 'reset'],
  ['a user in the authority', host('user@a'), 400],
  ['a path in the authority', host('a/b'), 400],
  ['two hosts in the authority', host('a,b'), 400],
  ['a space in the authority', host('a b'), 'reset'],
  ['a line end in the authority', host('a\r\nX: 1'), 'reset'],
  ['an empty port', host('a:'), 400],
  ['a large port', host('a:65536'), 400],
  ['a zone', host('[fe80::1%eth0]'), 400],
  ['no address in brackets', host('[a]'), 400],
  ['another host', also(['host', 'other']), 400],
  ['two hosts', [...get.slice(0, 3), ['host', 'a'], ['host', 'a']], 'reset'],
  ['a host with a path', [...get.slice(0, 3), ['host', 'a/b']], 400],
  ['upper case in a name', also(['X-A', '1']), 'reset'],
  ['transfer-encoding', post(['transfer-encoding', 'chunked']), 'reset'],
  ['connection', also(['connection', 'close']), 'reset'],
  ['keep-alive', also(['keep-alive', '5']), 'reset'],
  ['proxy-connection', also(['proxy-connection', 'x']), 'reset'],
  ['upgrade', also(['upgrade', 'h2c']), 'reset'],
  ['http2-settings', also(['http2-settings', 'x']), 400],
  ['te: gzip', also(['te', 'gzip']), 'reset'],
  ['two lengths', post(['content-length', '0'], ['content-length', '0']), 'reset'],
  ['a negative length', post(['content-length', '-1']), 'reset'],
  ['a length with a sign', post(['content-length', '+0']), 'reset'],
  ['a list of lengths', post(['content-length', '0, 0']), 'reset'],
  ['a hexadecimal length', post(['content-length', '0x0']), 'reset'],
  ['a length of nothing', post(['content-length', '']), 'reset'],
  ['a length in front of nothing', post(['content-length', '5']), 'reset'],
  ['an unknown expectation', also(['expect', 'x']), 417],
]

describe('a request over HTTP/2 with', () => {
  it.each(refused)('%s never reaches a server', async (_what, fields, expected) => {
    const outcome = await ask(fields)

    // What reads the frames may be stricter than we are.
    expect([expected, 'reset']).toContain(outcome)
    expect((await upstream.look()).bytes).toEqual([])
  })
})

/** What a field becomes on its way; `undefined` if the server does not get it. */
const passed: readonly (readonly [string, Fields, readonly string[]])[] = [
  ['a line end in a value, which is dropped', also(['x-a', '1\r\nx-b: 2']), []],
  ['NUL in a value, which is dropped', also(['x-a', '1\0']), []],
  ['a blank in a name, which is dropped', also(['x a', '1']), []],
  ['a colon in a name, which is dropped', also(['x:a', '1']), []],
  ['a line end in a name, which is dropped', also(['x\r\na', '1']), []],
  ['another spelling of its length, which is dropped', also(['content_length', '5']), []],
  ['another spelling of a coding, which is dropped', also(['transfer_encoding', 'x']), []],
  [
    'crumbs of cookies, which are joined',
    also(['cookie', 'a=1'], ['cookie', 'b=2']),
    ['cookie: a=1; b=2'],
  ],
  ['the same host twice', also(['host', 'H']), []],
  ['te: trailers', also(['te', 'trailers']), ['te: trailers', 'connection: te']],
  ['bytes above 0x7E in a value', also(['x-a', '\xe4']), ['x-a: \xe4']],
]

describe('a request over HTTP/2 with', () => {
  it.each(passed)('%s reaches the server as one request', async (_what, fields, expected) => {
    const outcome = await ask(fields)

    expect(outcome).toBe(200)
    const { requests, bytes } = await upstream.look()
    expect(requests).toHaveLength(1)
    const [text = ''] = bytes
    const lines = text.split('\r\n')
    expect(lines[0]).toBe('GET / HTTP/1.1')
    const own = lines
      .slice(1, -2)
      .filter((line) => !/^(?:host|x-forwarded-\w+|x-real-ip):/.test(line))
    expect(own.toSorted()).toEqual([...expected].toSorted())
    expect(lines.filter((line) => line.startsWith('host:'))).toEqual(['host: h'])
  })
})

/** Bodies, each in the DATA frames of a POST. */
const bodies: readonly (readonly [string, Fields, string, number | 'reset'])[] = [
  ['as long as announced', [['content-length', '5']], 'hello', 200],
  ['without a length', [], 'hello', 200],
  ['longer than announced', [['content-length', '3']], 'hello', 'reset'],
  ['shorter than announced', [['content-length', '30']], 'hello', 'reset'],
  ['that looks like a request', [], '0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n', 200],
]

describe('a body over HTTP/2', () => {
  it.each(bodies)('%s is one body, or none', async (_what, fields, body, expected) => {
    const outcome = await ask(post(...fields), body)

    expect(outcome).toBe(expected)
    const { requests } = await upstream.look()
    expect(requests.length).toBeLessThanOrEqual(expected === 200 ? 1 : 0)
    for (const request of requests) expect(request.target).toBe('/')
  })

  it('of GET is framed for the server', async () => {
    const outcome = await ask(get, 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n')

    expect(outcome).toBe(200)
    const { requests, bytes } = await upstream.look()
    expect(requests).toHaveLength(1)
    expect(bytes[0]).toContain('transfer-encoding: chunked')
  })

  it.each<[string, Fields, number | 'reset', string]>([
    ['with a length', [['content-length', '5']], 200, '0\r\n\r\n'],
    ['with a pseudo field', [[':path', '/b']], 'reset', ''],
    [
      'with fields of the head',
      [
        ['authorization', 'x'],
        ['host', 'b'],
        ['x-a', '1'],
      ],
      200,
      '0\r\nx-a: 1\r\n\r\n',
    ],
  ])('and trailers %s', async (_what, trailers, expected, end) => {
    using client = await connectRaw(gateway.port())
    client.begin()

    client.request(1, post(), Flag.endHeaders)
    client.send(Frame.data, Flag.none, 1, Buffer.from('hello'))
    client.request(1, trailers)

    expect(await outcomeOf(client)).toBe(expected)
    const { requests, bytes } = await upstream.look()
    expect(requests).toHaveLength(expected === 200 ? 1 : 0)
    expect(bytes.join('').endsWith(end)).toBe(true)
  })
})

/** Sends a request on a connection of its own. */
async function ask(fields: Fields, body?: string): Promise<number | 'reset'> {
  using client = await connectRaw(gateway.port())
  client.begin()
  if (body === undefined) client.request(1, fields)
  else {
    client.request(1, fields, Flag.endHeaders)
    client.send(Frame.data, Flag.endStream, 1, Buffer.from(body))
  }
  return await outcomeOf(client)
}

/** The status, as problem documents say it, or that there is no response. */
async function outcomeOf(client: RawHttp2): Promise<number | 'reset'> {
  const { data, goaway, reset } = Frame
  const ends: readonly number[] = [data, goaway, reset]
  const last = await client.first(({ type }) => ends.includes(type))
  if (last?.type !== data) return 'reset'
  const text = String(last.payload)
  return text.startsWith('{') ? Number(/"status":(\d+)/.exec(text)?.[1]) : 200
}
