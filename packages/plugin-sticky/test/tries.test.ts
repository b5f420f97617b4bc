import type { EndpointPool } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { Browser, mount } from './browser.ts'

describe('a further try of a request', () => {
  it('goes to another server, where the client stays', async () => {
    const between = doing(nothing, nothing)
    await using mounted = await mount({ mode: 'table', max_sessions: 1 }, { between })
    const browser = new Browser(mounted)

    expect(await browser.ask(1)).toEqual(['b'])
    const { cookie } = browser
    expect(await browser.ask(1)).toEqual(['c'])

    expect(hostsOf(mounted)).toEqual(['a', 'b', 'b', 'c'])
    expect(browser.cookie).toBe(cookie)
  })

  it('goes to the same server if the client is to have no other one', async () => {
    const between = doing(nothing, nothing)
    await using mounted = await mount({ on_unhealthy: 'fail' }, { between })
    const browser = new Browser(mounted)

    await browser.ask(2)

    expect(hostsOf(mounted)).toEqual(['a', 'b', 'b', 'b'])
  })

  it('that finds no server at all binds nobody to the one that was tried before', async () => {
    const between = doing((pool) => {
      for (const endpoint of pool.all) pool.setHealthy(endpoint, 'test', false)
    })
    await using mounted = await mount({}, { between })
    const browser = new Browser(mounted)

    expect(await browser.send()).toMatchObject({ status: 503 })
    expect(browser.cookie).toBeUndefined()
  })

  it('may bring the client back to its server', async () => {
    const between = doing(nothing, (pool) => {
      for (const endpoint of pool.all) pool.setLimit(endpoint, 'test', undefined)
    })
    await using mounted = await mount({ mode: 'table' }, { between })
    const browser = new Browser(mounted)
    await browser.ask(1)
    const { pool } = mounted.service()
    for (const endpoint of pool.all.slice(1, 2)) pool.setLimit(endpoint, 'test', 0)

    await browser.send()
    await browser.send()

    const hosts = hostsOf(mounted)
    expect([hosts[1], hosts[2] === 'b', hosts[3], hosts[4]]).toEqual(['b', false, 'b', 'b'])
  })

  it('binds the client anew once its server is not only busy', async () => {
    const busy = Promise.withResolvers<void>()
    const between = doing(
      nothing,
      (pool) => {
        for (const endpoint of pool.all.slice(1, 2)) pool.setHealthy(endpoint, 'test', false)
      },
      nothing,
    )
    await using mounted = await mount({}, { between })
    const browser = new Browser(mounted)
    await browser.ask(1)
    const { cookie } = browser
    const { pool } = mounted.service()
    for (const endpoint of pool.all.slice(1, 2)) pool.setLimit(endpoint, 'test', 1)
    const other = new Browser(mounted, cookie).send({
      upstream: () => busy.promise.then(() => 200),
    })

    const { headers } = await browser.send()
    busy.resolve()
    await other

    expect(headers['set-cookie']).toBeDefined()
    expect(browser.cookie).not.toBe(cookie)
  })

  it('says what is in its own way, not what was in that of the first one', async () => {
    const between = doing(nothing, (pool) => pool.update([]))
    await using mounted = await mount({ on_unhealthy: 'fail' }, { between })
    const browser = new Browser(mounted)
    await browser.ask(1)
    const { pool } = mounted.service()
    for (const endpoint of pool.all) pool.setHealthy(endpoint, 'test', false)

    expect(await browser.send()).toMatchObject({ error: { code: 'GW_SERVICE_UNAVAILABLE' } })
  })
})

type Step = (pool: EndpointPool) => void

/** One after the other, of which the last repeats. */
function doing(...steps: readonly Step[]): Step {
  let done = 0
  return (pool) => steps[Math.min(done++, steps.length - 1)]?.(pool)
}

function nothing(): void {
  // The second try finds all as it was.
}

function hostsOf({ upstream }: Awaited<ReturnType<typeof mount>>): string[] {
  return upstream.requests.map(({ attempt }) => attempt.endpoint.url.host)
}
