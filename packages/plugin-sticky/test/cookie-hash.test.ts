import { PassThrough } from 'node:stream'
import { GatewayResponse, errors as kernelErrors } from '@gatewright/kernel'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { at, Browser, cookieName, mount, secret, setHealth } from './browser.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('a client', () => {
  it('stays at the server that it reached first', async () => {
    await using mounted = await mount()
    const browsers = [new Browser(mounted), new Browser(mounted), new Browser(mounted)]

    const asked: string[][] = []
    for (const browser of browsers) asked.push(await browser.ask(10))

    expect(asked).toEqual(['a', 'b', 'c'].map((name) => Array.from({ length: 10 }, () => name)))
  })

  it('gets its cookie once', async () => {
    await using mounted = await mount()
    const browser = new Browser(mounted)

    const first = await browser.send()
    const second = await browser.send()

    expect(first.headers['set-cookie']).toMatch(
      /^server=[\w-]{22}\.[0-9a-z]+; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
    )
    expect(second.headers['set-cookie']).toBeUndefined()
  })

  it('stays there through a reload, even if other servers come first', async () => {
    await using mounted = await mount()
    const browser = new Browser(mounted)
    const [server] = await browser.ask(1)

    await mounted.reload({ cookie: cookieName, secret, ttl: '2h' })
    mounted.service().pool.update(['x', 'y', 'a', 'b', 'c'].map(memoryServer))

    expect(await browser.ask(2)).toEqual([server, server])
  })

  it('is known to another gateway with the same secret, and to no other one', async () => {
    await using here = await mount()
    await using there = await mount()
    await using elsewhere = await mount({ secret: 'another text that nobody can guess' })
    const browser = new Browser(here)
    await browser.ask(1)
    await there.send()

    expect(await new Browser(there, browser.cookie).ask(3)).toEqual(['a', 'a', 'a'])
    await elsewhere.send()
    const stranger = new Browser(elsewhere, browser.cookie)
    expect(await stranger.ask(1)).toEqual(['b'])
    expect(stranger.cookie).not.toBe(browser.cookie)
  })

  it('that makes its own cookie is treated as one without', async () => {
    await using mounted = await mount()
    const honest = new Browser(mounted)
    await honest.ask(1)
    const forged = ['x', 'A'.repeat(22), `${honest.cookie?.slice(0, 21)}!`]

    const served: string[] = []
    for (const cookie of [...forged, `${honest.cookie?.slice(0, 22)}x1`]) {
      const browser = new Browser(mounted, cookie)
      served.push(...(await browser.ask(1)))
      expect(browser.cookie).not.toBe(cookie)
    }

    expect(served).toEqual(['b', 'c', 'a', 'b'])
  })

  it('is told apart from those of another server with the same URL', async () => {
    await using mounted = await mount({}, { servers: ['a', 'a'] })
    const browsers = [new Browser(mounted), new Browser(mounted)]
    for (const browser of browsers) await browser.ask(1)

    const { pool } = mounted.service()
    for (let i = 0; i < 4; i++) await browsers[0]?.send()

    expect(browsers[0]?.cookie?.slice(0, 22)).not.toBe(browsers[1]?.cookie?.slice(0, 22))
    const served = mounted.upstream.requests.map(({ attempt }) =>
      pool.all.findIndex((endpoint) => endpoint === attempt.endpoint),
    )
    expect(served).toEqual([0, 1, 0, 0, 0, 0])
  })
})

describe('a connection that switches protocols', () => {
  it('goes to the server of its client, and binds one that has none', async () => {
    await using mounted = await mount()
    const browser = new Browser(mounted)
    const init = { headers: { connection: 'upgrade', upgrade: 'websocket' }, upstream: switched }

    await browser.send(init)
    await browser.send({
      ...init,
      headers: { ...init.headers, cookie: `server=${browser.cookie}` },
    })

    const hosts = mounted.upstream.requests.map(({ attempt }) => attempt.endpoint.url.host)
    expect([hosts, browser.cookie]).toEqual([['a', 'a'], expect.stringMatching(/^[\w-]{22}\./)])
  })
})

describe('the cookie', () => {
  it('is sent again when more than half of its time has passed', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await using mounted = await mount({ ttl: '1h' })
    const browser = new Browser(mounted)
    await browser.send()

    vi.advanceTimersByTime(1_800_000)
    expect((await browser.send()).headers['set-cookie']).toBeUndefined()
    vi.advanceTimersByTime(2000)
    const again = await browser.send()

    expect(again.text).toBe('a')
    expect(again.headers['set-cookie']).toContain('Max-Age=3600')
    expect((await browser.send()).headers['set-cookie']).toBeUndefined()
  })

  it.each([{ refresh: false }, { ttl: 0 }])('is never sent again with %o', async (options) => {
    vi.useFakeTimers({ toFake: ['Date'] })
    await using mounted = await mount(options)
    const browser = new Browser(mounted)
    await browser.send()
    expect(browser.cookie).toMatch(/^[\w-]{22}$/)

    vi.advanceTimersByTime(1e9)

    expect((await browser.send()).headers['set-cookie']).toBeUndefined()
  })

  it.each(['', '.', '.zz', '.zzzzzzzz', '.!'])(
    'is sent again if it does not tell a time: %s',
    async (time) => {
      await using mounted = await mount()
      const browser = new Browser(mounted)
      await browser.send()
      browser.cookie = `${browser.cookie?.slice(0, 22)}${time}`

      const { text, headers } = await browser.send()

      expect(text).toBe('a')
      expect(headers['set-cookie']).toBeDefined()
    },
  )

  it('is Secure for clients that come over TLS, unless it says otherwise', async () => {
    const fields: string[] = []
    for (const secure of ['auto', true, false]) {
      await using mounted = await mount({ secure })
      for (const encrypted of [false, true]) {
        const { headers } = await mounted.send({ encrypted })
        fields.push(headers['set-cookie']?.endsWith('; Secure') === true ? 'secure' : 'plain')
      }
    }

    expect(fields).toEqual(['plain', 'secure', 'secure', 'secure', 'plain', 'plain'])
  })

  it('is not Secure because a stranger says that the client came over TLS', async () => {
    await using mounted = await mount()

    const { headers } = await mounted.send({ headers: { 'x-forwarded-proto': 'https' } })

    expect(headers['set-cookie']).not.toContain('Secure')
  })

  it('is found in any of several lines', async () => {
    await using mounted = await mount()
    const browser = new Browser(mounted)
    await browser.send()

    const headers = { cookie: ['x=1', `y=2; ${cookieName}=${browser.cookie}`, 'z=3'] }
    const { text } = await browser.send({ headers })

    expect(text).toBe('a')
    expect(mounted.upstream.requests[1]?.headerValues('cookie')).toEqual(['x=1', 'y=2', 'z=3'])
  })

  it('is not sent to the server, whatever its value', async () => {
    await using mounted = await mount()
    for (const value of ['forged', '']) {
      await mounted.send({ headers: { cookie: `a="1 2";  b=3; ${cookieName}=${value}` } })
    }
    await mounted.send({ headers: { cookie: `${cookieName}=x` } })

    const seen = mounted.upstream.requests.map(({ headers }) => headers['cookie'])
    expect(seen).toEqual(['a="1 2";  b=3', 'a="1 2";  b=3', undefined])
  })

  it('is sent to the server if it is asked for', async () => {
    await using mounted = await mount({ strip_cookie: false })
    const cookie = `a=1; ${cookieName}=x; b=2`
    await mounted.send({ headers: { cookie } })

    expect(mounted.upstream.requests[0]?.headers['cookie']).toBe(cookie)
  })
})

describe('a client whose server is unhealthy', () => {
  it('is bound to another one, and stays there', async () => {
    await using mounted = await mount()
    const browser = new Browser(mounted)
    await browser.ask(1)
    setHealth(mounted, { a: false })

    const { text, headers } = await browser.send()
    expect(headers['set-cookie']).toBeDefined()
    setHealth(mounted, { a: true })

    expect(await browser.ask(3)).toEqual([text, text, text])
    expect(text).not.toBe('a')
  })

  it('gets 503 if that is asked for, until its server is healthy again', async () => {
    await using mounted = await mount({ on_unhealthy: 'fail' })
    const browser = new Browser(mounted)
    await browser.ask(1)
    setHealth(mounted, { a: false })

    const refused = await browser.send()
    expect(refused).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      error: { code: 'GW_STICKY_UNAVAILABLE' },
    })
    expect(refused.headers['set-cookie']).toBeUndefined()
    setHealth(mounted, { a: true })

    expect(await browser.ask(1)).toEqual(['a'])
  })

  it('is bound to another one if its server is to get no traffic or has gone', async () => {
    await using mounted = await mount({ on_unhealthy: 'fail' })
    const browser = new Browser(mounted)
    await browser.ask(1)

    const { pool } = mounted.service()
    pool.update([{ ...memoryServer('a'), weight: 0 }, memoryServer('b')])
    expect(await browser.ask(2)).toEqual(['b', 'b'])
    pool.update([memoryServer('a')])

    expect(await browser.ask(2)).toEqual(['a', 'a'])
  })

  it('is answered 503 like everybody else if no server is left', async () => {
    await using mounted = await mount()
    const browser = new Browser(mounted)
    await browser.ask(1)
    setHealth(mounted, { a: false, b: false, c: false })

    const { status, error, headers } = await browser.send()

    expect([status, error?.code]).toEqual([503, 'GW_SERVICE_UNAVAILABLE'])
    expect(headers['set-cookie']).toBeUndefined()
  })
})

describe('a client whose server is busy', () => {
  it('goes to another one just this once', async () => {
    await using mounted = await mount()
    const browser = new Browser(mounted)
    await browser.ask(1)
    const { pool } = mounted.service()
    for (const endpoint of pool.all) pool.setLimit(endpoint, 'test', 1)
    const finish = Promise.withResolvers<void>()
    const busy = browser.send({ upstream: () => finish.promise.then(() => ({ body: 'a' })) })

    const { text, headers } = await browser.send()
    finish.resolve()
    await busy

    expect(text).not.toBe('a')
    expect(headers['set-cookie']).toBeUndefined()
    expect(await browser.ask(1)).toEqual(['a'])
  })

  it('is bound to another one if its server is kept from all traffic', async () => {
    await using mounted = await mount()
    const browser = new Browser(mounted)
    await browser.ask(1)
    const { pool } = mounted.service()
    for (const endpoint of pool.all.slice(0, 1)) pool.setLimit(endpoint, 'test', 0)

    const [server] = await browser.ask(1)
    for (const endpoint of pool.all) pool.setLimit(endpoint, 'test', undefined)

    expect(server).not.toBe('a')
    expect(await browser.ask(2)).toEqual([server, server])
  })
})

describe('an answer that is an error', () => {
  it('binds the client, too', async () => {
    await using mounted = await mount()
    mounted.upstream.behave(500)

    expect((await mounted.send()).headers['set-cookie']).toBeDefined()
  })

  it('does not if that is asked for', async () => {
    await using mounted = await mount({ cookie_on_error: false })
    mounted.upstream.behave([404, { status: 302 }])

    expect((await mounted.send()).headers['set-cookie']).toBeUndefined()
    expect((await mounted.send()).headers['set-cookie']).toBeDefined()
  })

  it('binds the client if the server got the request and broke off', async () => {
    await using mounted = await mount()
    mounted.upstream.behave(at('a', kernelErrors.GW_UPSTREAM_RESET({ endpoint: 'a', problem: '' })))
    const browser = new Browser(mounted)

    expect(await browser.send()).toMatchObject({ status: 502 })
    expect(browser.cookie).toBeDefined()
  })

  it('binds nobody to a server that cannot be reached', async () => {
    await using mounted = await mount()
    mounted.upstream.behave(
      at('a', kernelErrors.GW_UPSTREAM_CONNECT({ endpoint: 'a', problem: 'refused' })),
    )
    const browser = new Browser(mounted)

    expect(await browser.send()).toMatchObject({ status: 502 })
    expect(browser.cookie).toBeUndefined()
  })
})

function memoryServer(name: string): { readonly url: URL; readonly weight: number } {
  return { url: new URL(`memory://${name}`), weight: 1 }
}

function switched(): GatewayResponse {
  const upgrade = new PassThrough()
  upgrade.destroy()
  return new GatewayResponse({ status: 101, upgrade })
}
