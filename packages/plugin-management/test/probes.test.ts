import { after, reply, request, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { readToken, start } from './support/management.ts'

describe('probes', () => {
  it('are well while the gateway runs', async () => {
    await using gateway = await start({ token: readToken })
    const url = gateway.url('management')

    const live = await request(`${url}/livez`)
    const ready = await request(`${url}/readyz`)
    const health = await request(`${url}/health`)

    expect([live.status, JSON.parse(live.text)]).toEqual([200, { live: true, reasons: [] }])
    expect([ready.status, JSON.parse(ready.text)]).toEqual([200, { ready: true, reasons: [] }])
    expect(health.status).toBe(401)
  })

  it('say during a shutdown that no more clients should come, until the last one has gone', async () => {
    const answered = Promise.withResolvers<void>()
    await using upstream = await startUpstream(after(answered.promise, reply(200)))
    const gateway = await start({ server: upstream.url })
    const url = gateway.url('management')
    const slow = gateway.request('/')
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(1))

    const stopped = gateway.close()
    const ready = await request(`${url}/readyz`)
    const live = await request(`${url}/livez`)
    const health = await request(`${url}/api/gateway/health`)
    answered.resolve()
    const { status } = await slow
    await stopped

    expect([ready.status, JSON.parse(ready.text)]).toEqual([
      503,
      { ready: false, reasons: ['the gateway is draining'] },
    ])
    expect([live.status, status]).toEqual([200, 200])
    expect(JSON.parse(health.text)).toMatchObject({ state: 'Draining', active_requests: 1 })
    await expect(request(`${url}/readyz`)).rejects.toThrow('ECONNREFUSED')
  })
})
