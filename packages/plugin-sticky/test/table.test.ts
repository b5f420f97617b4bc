import { afterEach, describe, expect, it, vi } from 'vitest'
import { Browser, cookieName, mount as mountAny, secret, setHealth } from './browser.ts'

type Mount = typeof mountAny

const mount: Mount = (options, around) => mountAny({ mode: 'table', ...options }, around)

afterEach(() => {
  vi.useRealTimers()
})

describe('a client with a session', () => {
  it('stays at the server that it reached first', async () => {
    await using mounted = await mount()
    const browsers = [new Browser(mounted), new Browser(mounted), new Browser(mounted)]

    const asked: string[][] = []
    for (const browser of browsers) asked.push(await browser.ask(10))

    expect(asked).toEqual(['a', 'b', 'c'].map((name) => Array.from({ length: 10 }, () => name)))
  })

  it('gets an id of its own, once', async () => {
    await using mounted = await mount()
    const [one, other] = [new Browser(mounted), new Browser(mounted)]

    const { headers } = await one.send()
    await other.send()

    expect(headers['set-cookie']).toMatch(
      /^server=[\w-]{44}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
    )
    expect(one.cookie).not.toBe(other.cookie)
    expect((await one.send()).headers['set-cookie']).toBeUndefined()
  })

  it('keeps both through a reload', async () => {
    await using mounted = await mount()
    const browser = new Browser(mounted)
    await browser.ask(1)

    await mounted.reload({ mode: 'table', cookie: cookieName, secret, same_site: 'strict' })

    expect(await browser.ask(3)).toEqual(['a', 'a', 'a'])
  })

  it('keeps its id when it is bound to another server', async () => {
    await using mounted = await mount()
    const browser = new Browser(mounted)
    await browser.ask(1)
    const { cookie } = browser
    setHealth(mounted, { a: false })

    const [server] = await browser.ask(1)
    setHealth(mounted, { a: true })

    expect(server).not.toBe('a')
    expect(await browser.ask(2)).toEqual([server, server])
    expect(browser.cookie).toBe(cookie)
  })

  it('does not come back to a server that was unhealthy meanwhile', async () => {
    await using mounted = await mount()
    const browser = new Browser(mounted)
    await browser.ask(1)
    setHealth(mounted, { a: false })
    setHealth(mounted, { a: true })

    expect(await browser.ask(1)).toEqual(['b'])
  })

  it('waits for its server if that is asked for', async () => {
    await using mounted = await mount({ on_unhealthy: 'fail' })
    const browser = new Browser(mounted)
    await browser.ask(1)
    setHealth(mounted, { a: false })

    expect(await browser.send()).toMatchObject({ error: { code: 'GW_STICKY_UNAVAILABLE' } })
    setHealth(mounted, { a: true })

    expect(await browser.ask(1)).toEqual(['a'])
  })

  it('has none any more once its server has gone', async () => {
    await using mounted = await mount({ on_unhealthy: 'fail' })
    const browser = new Browser(mounted)
    await browser.ask(1)
    const { pool } = mounted.service()
    const { all } = pool

    pool.update(all.slice(1))
    pool.update(all)

    expect(await browser.ask(1)).not.toEqual(['a'])
  })

  it('is told apart from those at another server with the same URL', async () => {
    await using mounted = await mount({}, { servers: ['a', 'a'] })
    const [one, other] = [new Browser(mounted), new Browser(mounted)]
    for (const browser of [one, other, one, one, other]) await browser.send()

    const { all } = mounted.service().pool
    const served = mounted.upstream.requests.map(({ attempt }) =>
      all.findIndex((endpoint) => endpoint === attempt.endpoint),
    )
    expect(served).toEqual([0, 1, 0, 0, 1])
  })
})

describe('an id', () => {
  it.each(['x', '', 'A'.repeat(44), '!'.repeat(44), 'é'.repeat(44)])(
    'that no gateway made is replaced: %s',
    async (forged) => {
      await using mounted = await mount()
      const browser = new Browser(mounted, forged)

      await browser.send()

      expect(browser.cookie).toMatch(/^[\w-]{44}$/)
      expect(browser.cookie).not.toBe(forged)
    },
  )

  it('of another service or with another secret is replaced', async () => {
    await using mounted = await mount()
    await using other = await mount({ secret: 'another text that nobody can guess' })
    const browser = new Browser(mounted)
    await browser.send()

    const stranger = new Browser(other, browser.cookie)
    await stranger.send()

    expect(stranger.cookie).not.toBe(browser.cookie)
  })

  it('whose session has ended begins another one', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    await using mounted = await mount({ ttl: '10s' })
    const browser = new Browser(mounted)
    await browser.ask(1)
    const { cookie } = browser
    vi.advanceTimersByTime(10_000)

    const { text, headers } = await browser.send()

    expect([text, browser.cookie]).toEqual(['b', cookie])
    expect(headers['set-cookie']).toContain('Max-Age=10')
    expect(await browser.ask(2)).toEqual(['b', 'b'])
  })

  it('is sent again when more than half of its time has passed', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    await using mounted = await mount({ ttl: '10s' })
    const browser = new Browser(mounted)
    await browser.send()

    const sent: boolean[] = []
    for (const afterMs of [3000, 2000, 100, 4000, 2000]) {
      vi.advanceTimersByTime(afterMs)
      sent.push((await browser.send()).headers['set-cookie'] !== undefined)
    }

    expect(sent).toEqual([false, false, true, false, true])
    expect(await browser.ask(1)).toEqual(['a'])
  })

  it('stands for the same session in each try of an exchange', async () => {
    await using mounted = await mount({ max_sessions: 2 })
    const [one, other] = [new Browser(mounted), new Browser(mounted)]
    await one.send()
    await other.send()

    expect([await one.ask(2), await other.ask(2)]).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ])
  })
})

describe('the table', () => {
  it('forgets the client that was idle longest when it is full', async () => {
    await using mounted = await mount({ max_sessions: 2 })
    const [one, two, three] = [new Browser(mounted), new Browser(mounted), new Browser(mounted)]
    for (const browser of [one, two, one, three]) await browser.send()

    // Turn by turn: it is the turn of the first server again.
    expect([await one.ask(1), await three.ask(1), await two.ask(1)]).toEqual([['a'], ['c'], ['a']])
  })

  it('does not fill with what nobody was told', async () => {
    await using mounted = await mount({ max_sessions: 1, cookie_on_error: false })
    const browser = new Browser(mounted)
    await browser.send()

    for (let i = 0; i < 5; i++) await mounted.send({ upstream: 500 })

    expect(await browser.ask(1)).toEqual(['a'])
  })
})
