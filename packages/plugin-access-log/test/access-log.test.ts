import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseHcl } from '@gatewright/config-hcl'
import { note } from '@gatewright/kernel'
import {
  closeBeforeResponse,
  connect,
  deadUrl,
  hang,
  reply,
  requestBytes,
  startGateway,
  startUpstream,
  type TestGateway,
} from '@gatewright/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { accessLogOf } from '../src/index.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-access-log-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('the access log', () => {
  it('tells of a request what its client saw and where it went', async () => {
    await using upstream = await startUpstream(reply(201, {}, 'hello'))
    await using gateway = await start(upstream.url)

    const headers = { 'user-agent': 'test/1', host: 'Shop.test:80' }
    await gateway.request('/a/b?token=secret', { method: 'POST', body: 'sent', headers })

    expect(await lines(gateway, 1)).toEqual([
      {
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        client_ip: '127.0.0.1',
        entrypoint: 'web',
        duration_ms: expect.any(Number),
        method: 'POST',
        path: '/a/b',
        host: 'shop.test:80',
        proto: 'HTTP/1.1',
        status: 201,
        request_bytes: 4,
        response_bytes: 5,
        router: 'all',
        service: 'app',
        backend: upstream.url,
        user_agent: 'test/1',
        upstream_ms: expect.any(Number),
      },
    ])
  })

  it('has one line for each end that a request can have', async () => {
    await using upstream = await startUpstream([reply(200), hang()])
    await using gateway = await start(upstream.url, '', {
      dead: await deadUrl(),
      middlewares: 'middlewares "limit" {\n type = "rate-limit"\n rate = 1\n burst = 1\n }',
    })

    await gateway.request('/limited')
    await gateway.request('/limited')
    await gateway.request('/dead')
    await gateway.request('/', { headers: { host: 'nobody.test' } })
    using broken = await connect(gateway.port())
    await broken.send('GET / HTTP/1.1\r\nbroken : x\r\n\r\n')
    await broken.readToEnd()
    const gone = await connect(gateway.port())
    await gone.send(requestBytes('GET', '/hangs', 'a.test'))
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(2))
    gone.reset()

    const told = await lines(gateway, 6)
    expect(
      told.map(({ status, error, router, responded_by: by }) => [status, error, router, by]),
    ).toEqual([
      [200, undefined, 'limited', undefined],
      [429, 'GW_RATE_LIMIT_EXCEEDED', 'limited', 'middleware "limit"'],
      [502, 'GW_UPSTREAM_CONNECT', 'dead', undefined],
      [404, 'GW_NO_ROUTE', null, undefined],
      [400, expect.stringContaining('GW_HTTP1_'), null, undefined],
      [499, 'GW_CLIENT_ABORTED', 'all', undefined],
    ])
  })

  it('tells of every try if there was more than one', async () => {
    await using upstream = await startUpstream([closeBeforeResponse(), reply(200)])
    await using gateway = await start(upstream.url, '', {
      middlewares: 'middlewares "limit" {\n type = "retry"\n }',
    })

    await gateway.request('/limited')

    const [line] = await lines(gateway, 1)
    expect(line?.['attempts']).toEqual([
      { backend: upstream.url, status: null, error: 'GW_UPSTREAM_RESET', ms: expect.any(Number) },
      { backend: upstream.url, status: 200, error: null, ms: expect.any(Number) },
    ])
  })

  it('tells what plugins have noted', async () => {
    await using upstream = await startUpstream()
    const noting = {
      name: 'noting',
      setup: ({ hooks }: { hooks: TestGateway['gateway']['hooks'] }) => {
        hooks.request.tap('noting', (ctx) => {
          note(ctx, 'country', 'DK')
          note(ctx, 'cached', false)
          return undefined
        })
      },
    }
    await using gateway = await start(upstream.url, '', { plugins: [noting] })

    await gateway.request('/')

    expect(await lines(gateway, 1)).toMatchObject([{ country: 'DK', cached: false }])

    await gateway.reload(config(upstream.url, 'fields = ["cached", "method"]'))
    await writeFile(file(), '')
    await gateway.request('/')
    expect(await flushed(gateway, 1)).toEqual(['{"cached":false,"method":"GET"}'])

    await gateway.reload(config(upstream.url, 'drop = ["country"]'))
    await writeFile(file(), '')
    await gateway.request('/')
    const [line] = await lines(gateway, 1)
    expect(line).toMatchObject({ cached: false })
    expect(line).not.toHaveProperty('country')
  })

  it('tells headers that are asked for, and keeps secret what is', async () => {
    await using upstream = await startUpstream(
      reply(200, { 'set-cookie': 'a=b', 'x-cache': 'hit' }),
    )
    await using gateway = await start(
      upstream.url,
      `include_query = true
      headers {
        request  = ["X-Tenant", "Authorization", "x-absent"]
        response = ["x-cache", "Set-Cookie"]
      }`,
    )

    const headers = { 'x-tenant': 'blue', authorization: 'Basic c2VjcmV0' }
    await gateway.request('/a?x=1&Token=abc&%74oken=def&y', { headers })

    expect(await lines(gateway, 1)).toMatchObject([
      {
        path: '/a?x=1&Token=[redacted]&%74oken=[redacted]&y',
        request_headers: { 'x-tenant': 'blue', authorization: '[redacted]' },
        response_headers: { 'x-cache': 'hit', 'set-cookie': '[redacted]' },
      },
    ])
    expect(await readFile(file(), 'utf8')).not.toContain('c2VjcmV0')
  })

  it('has the fields that are asked for, in that order, or all but some', async () => {
    await using upstream = await startUpstream()
    await using gateway = await start(upstream.url, 'fields = ["status", "method", "nothing"]')
    await gateway.request('/')
    await lines(gateway, 1)
    expect(await readFile(file(), 'utf8')).toBe('{"status":200,"method":"GET","nothing":null}\n')

    await writeFile(file(), '')
    await gateway.reload(config(upstream.url, 'drop = ["user_agent", "timestamp"]'))
    await gateway.request('/')

    const [line = {}] = await lines(gateway, 1)
    expect(Object.keys(line).slice(0, 3)).toEqual(['client_ip', 'entrypoint', 'duration_ms'])
    expect(line).not.toHaveProperty('user_agent')
  })

  it('leaves out what is not wanted, but never what failed', async () => {
    await using upstream = await startUpstream([
      ...Array.from({ length: 10 }, () => reply(200)),
      reply(503),
      reply(200),
    ])
    await using gateway = await start(
      upstream.url,
      `sample_rate   = 0.2
      exclude_paths = ["/health", "/static/"]`,
    )

    for (let i = 0; i < 8; i++) await gateway.request(`/${i}`)
    await gateway.request('/health?x')
    await gateway.request('/static/a.css')
    await gateway.request('/failing')
    await gateway.request('/healthy')

    const paths = (await lines(gateway, 2)).map(({ path }) => String(path))
    expect(paths.toSorted()).toEqual(['/4', '/failing'])
  })

  it('writes what web servers write, with nothing that could forge a line', async () => {
    await using upstream = await startUpstream()
    await using gateway = await start(upstream.url, 'format = "combined"')

    const headers = { 'user-agent': 'a "quoted" \\ agent', referer: 'http://x.test/ö' }
    await gateway.request('/a?b', { headers })
    await flushed(gateway, 1)

    expect(await readFile(file(), 'utf8')).toMatch(
      /^127\.0\.0\.1 - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/a HTTP\/1\.1" 200 0 "http:\/\/x\.test\/(\\x[0-9a-f]{2})+" "a \\x22quoted\\x22 \\x5c agent"\n$/,
    )
  })

  it.each([
    ['json', '"a\\u009b2JÃ¶"'],
    ['combined', '"a\\x9b2J\\xc3\\xb6"'],
  ])('has no byte in it that commands a terminal: %s', async (format, told) => {
    await using upstream = await startUpstream()
    await using gateway = await start(upstream.url, `format = "${format}"`)
    using client = await gateway.connect()

    const agent = 'a\u009b2J\u00c3\u00b6'
    const head = `GET / HTTP/1.1\r\nhost: a.test\r\nuser-agent: ${agent}\r\n\r\n`
    await client.send(Buffer.from(head, 'latin1'))
    await client.readResponse()

    const [line] = await flushed(gateway, 1)
    expect(line).toContain(told)
    expect(line).not.toMatch(/[\u007f-\u009f]/)
  })

  it.each([
    ['json', '"method":null,"path":null,"host":null,"proto":"HTTP/1.1","status":400'],
    ['common', '] "-" 400 '],
  ])('says that there was nothing to read where that is so: %s', async (format, told) => {
    await using upstream = await startUpstream()
    await using gateway = await start(upstream.url, `format = "${format}"`)
    using client = await gateway.connect()

    await client.send('GET / HTTP/1.1\r\nbroken : x\r\n\r\n')
    await client.readToEnd()

    expect(await flushed(gateway, 1)).toEqual([expect.stringContaining(told)])
  })

  it('goes on in a new file once the old one was moved and it was told so', async () => {
    await using upstream = await startUpstream()
    await using gateway = await start(upstream.url)
    await gateway.request('/before')
    await lines(gateway, 1)

    await rename(file(), `${file()}.1`)
    process.kill(process.pid, 'SIGUSR1')
    await vi.waitFor(() => readFile(file()))
    await gateway.request('/after')

    expect(await lines(gateway, 1)).toMatchObject([{ path: '/after' }])
    expect(await readFile(`${file()}.1`, 'utf8')).toContain('/before')
  })

  it('opens nothing for a configuration that is only checked', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(config(upstream.url, 'drop = []'), { baseDir: folder })
    const other = config(upstream.url, '').replace('access.log', 'other.log')

    expect(await gateway.gateway.validate(await parseHcl(other, { file: file() }))).toEqual([])

    await expect(readFile(join(folder, 'other.log'))).rejects.toThrow('ENOENT')
  })
})

function file(): string {
  return join(folder, 'access.log')
}

interface Rest {
  readonly dead?: string
  readonly middlewares?: string
  readonly plugins?: NonNullable<Parameters<typeof startGateway>[1]>['plugins']
}

function start(url: string, log = '', rest: Rest = {}): Promise<TestGateway> {
  const { plugins = [] } = rest
  return startGateway(config(url, log, rest), { baseDir: folder, plugins })
}

function config(url: string, log: string, { dead = url, middlewares = '' }: Rest = {}): string {
  return `
    access_log {
      output = "access.log"
      ${log}
    }
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    ${middlewares}
    routers "all" {
      rule    = "!Host(\`nobody.test\`)"
      service = "app"
    }
    routers "limited" {
      rule        = "PathPrefix(\`/limited\`)"
      priority    = 1000
      service     = "app"
      middlewares = [${middlewares === '' ? '' : '"limit"'}]
    }
    routers "dead" {
      rule     = "PathPrefix(\`/dead\`)"
      priority = 1000
      service  = "dead"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
    services "dead" {
      load_balancer {
        servers = [{ url = "${dead}" }]
      }
    }
  `
}

async function flushed({ gateway }: TestGateway, count: number): Promise<string[]> {
  return vi.waitFor(async () => {
    accessLogOf(gateway)?.flush()
    const text = await readFile(file(), 'utf8')
    const told = text.split('\n').filter((line) => line !== '')
    expect(told).toHaveLength(count)
    return told
  })
}

async function lines(gateway: TestGateway, count: number): Promise<Record<string, unknown>[]> {
  // The log writes objects only.
  return (await flushed(gateway, count)).map((line) => JSON.parse(line) as Record<string, unknown>)
}
