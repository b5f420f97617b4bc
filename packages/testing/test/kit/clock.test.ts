import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { definePlugin, GatewayResponse } from '@gatewright/kernel'
import { describe, expect, it } from 'vitest'
import { createTestGateway, fakeUpstream, hcl } from '../../src/index.ts'

const start = '2026-01-02T03:04:05Z'

describe('a fake clock', () => {
  it('moves timers, dates and performance.now together', async () => {
    await using gw = await createTestGateway({ clock: { now: start } })
    const told: string[] = []
    const began = performance.now()
    const tell = (what: string): void => {
      told.push(`${what} ${new Date().toISOString()} ${Math.round(performance.now() - began)}`)
    }
    setTimeout(() => tell('timeout'), 2000)
    const interval = setInterval(() => tell('interval'), 1500)
    void pause(1000).then(() => tell('pause'))
    void promisify(setTimeout)(1000).then(() => tell('promisified'))

    await gw.clock.advance('3s')
    clearInterval(interval)

    expect(told).toEqual([
      'pause 2026-01-02T03:04:06.000Z 1000',
      'promisified 2026-01-02T03:04:06.000Z 1000',
      'interval 2026-01-02T03:04:06.500Z 1500',
      'timeout 2026-01-02T03:04:07.000Z 2000',
      'interval 2026-01-02T03:04:08.000Z 3000',
    ])
    expect(gw.clock.now()).toBe(Date.parse(start) + 3000)
    expect(new Date()).toBeInstanceOf(Date)
  })

  it('runs what timers set off before the next one', async () => {
    await using gw = await createTestGateway({ clock: 'fake' })
    let rounds = 0
    void (async () => {
      while (rounds < 5) {
        await pause(100)
        rounds++
      }
    })()

    await gw.clock.advance(499)
    expect(rounds).toBe(4)
    await gw.clock.advance(1)
    expect(rounds).toBe(5)
  })

  it('drives the plugins of Gatewright: a bucket fills up again', async () => {
    await using gw = await createTestGateway({
      clock: 'fake',
      config: hcl`
        middlewares "few" {
          type   = "rate-limit"
          rate   = 1
          period = "60s"
        }
      `,
    })

    expect((await gw.inject()).status).toBe(200)
    expect((await gw.inject()).status).toBe(429)
    await gw.clock.advance('59s')
    expect((await gw.inject()).status).toBe(429)
    await gw.clock.advance('2s')
    expect((await gw.inject()).status).toBe(200)
  })

  it('drives the limits of the gateway: a server has so long to answer, a plugin so long', async () => {
    const never = new Promise<never>(() => undefined)
    const slow = definePlugin({
      name: 'slow',
      setup: (gateway) =>
        gateway.hooks.request.tapPromise('slow', (ctx) =>
          ctx.request.path === '/slow' ? never : Promise.resolve(undefined),
        ),
    })
    await using gw = await createTestGateway({ clock: 'fake', plugins: [slow] })

    const pending = gw.inject('/slow')
    await gw.clock.advance('30s')

    expect((await pending).error?.code).toBe('GW_PLUGIN_TIMEOUT')
  })

  it('moves timeouts of signals', async () => {
    await using gw = await createTestGateway({ clock: 'fake' })
    const signal = AbortSignal.timeout(1000)

    await gw.clock.advance('1s')

    expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
  })

  it('takes answers that come over sockets', async () => {
    const api = fakeUpstream.http({ body: 'there' })
    await using gw = await createTestGateway({ clock: 'fake', upstreams: { api } })

    expect((await gw.inject()).text).toBe('there')
    expect(await (await gw.fetch('/')).text()).toBe('there')
  })

  it('is gone once the gateway is closed', async () => {
    const { setTimeout: real, Date: realDate } = globalThis
    const gw = await createTestGateway({ clock: { now: 0 } })
    expect(Date.now()).toBe(0)
    expect(globalThis.setTimeout).not.toBe(real)

    await gw.close()

    expect(globalThis.setTimeout).toBe(real)
    expect(globalThis.Date).toBe(realDate)
    expect(Date.now()).toBeGreaterThan(Date.parse(start))
    await pause(1)
  })

  it('tells which timers a plugin left', async () => {
    const leaking = definePlugin({
      name: 'leaking',
      setup: (gateway) =>
        gateway.hooks.request.tap('leaking', () => {
          setTimeout(() => undefined, 600_000)
          return new GatewayResponse({ status: 204 })
        }),
    })
    const gw = await createTestGateway({ clock: 'fake', plugins: [leaking] })
    await gw.inject()

    await expect(gw.close()).rejects.toThrow(/left behind: Timeout \(.*clock\.test\.ts:\d+/)
  })

  it('is one for the whole process, and says what it wants', async () => {
    await using gw = await createTestGateway({ clock: 'fake' })

    await expect(createTestGateway({ clock: 'fake' })).rejects.toThrow('close its gateway first')
    await expect(gw.clock.advance('soon')).rejects.toThrow('"soon" is no time')
  })

  it('has to be asked for', async () => {
    await using gw = await createTestGateway()

    await expect(gw.clock.advance('1s')).rejects.toThrow('the clock is real')
  })
})
