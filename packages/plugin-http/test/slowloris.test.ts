import { type RawClient, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { deadlines } from '../src/environment.ts'
import { startBehind } from './behind.ts'

const clients = 2000
const head = 'GET / HT'
/** The clients run in here too, on a machine that may be busy with something else. */
const patient = { overload: { max_event_loop_delay: 0 } }

describe(`${clients} clients that send a byte of a head now and then`, { timeout: 60_000 }, () => {
  it('do not hinder another one, and are all ended when their time is over', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, { entrypoint: patient })
    const dribblers = await Promise.all(Array.from({ length: clients }, () => gateway.connect()))
    const answers = dribblers.map((client) => statusOf(client))

    for (const byte of head) {
      await Promise.all(dribblers.map((client) => client.send(byte)))
      expect((await gateway.request('/')).status).toBe(200)
    }
    // As late as it may be, and a moment later.
    deadlines.sweep(deadlines.later(10_001))
    const statuses = await Promise.all(answers)

    expect(new Set(statuses)).toEqual(new Set([408]))
    expect((await gateway.request('/')).status).toBe(200)
    expect(upstream.requests).toHaveLength(head.length + 1)
  })

  it('cannot even connect in such a number if they share an address', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startBehind(upstream, {
      entrypoint: { ...patient, max_connections_per_ip: 100 },
    })
    const dribblers = await Promise.all(Array.from({ length: clients }, () => gateway.connect()))
    const answers = dribblers.map((client) => statusOf(client))

    const refused = (await Promise.all(answers.slice(100))).filter((status) => status === 503)
    for (const client of dribblers.slice(0, 100)) client.end()

    expect(refused).toHaveLength(clients - 100)
    expect(gateway.gateway.exchanges).toBe(0)
  })
})

/** Of the response to a request that is never complete; 0 if the connection ends without one. */
async function statusOf(client: RawClient): Promise<number> {
  using owned = client
  try {
    return (await owned.readResponse()).status
  } catch {
    // It was this side that ended it.
    return 0
  }
}
