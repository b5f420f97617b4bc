import type { MountedFeature } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { mountWith } from './browser.ts'

const servers = ['a', 'b', 'c', 'd']

describe('requests with the same value of a field', () => {
  it('go to the same server, in any gateway', async () => {
    await using here = await mount()
    await using there = await mount()

    const asked = await ask(here, 50)

    expect(await ask(here, 50)).toEqual(asked)
    expect(await ask(there, 50)).toEqual(asked)
    expect(new Set(asked)).toEqual(new Set(servers))
  })

  it('get no cookie', async () => {
    await using mounted = await mount()

    const { headers } = await mounted.send({ headers: { 'x-session': 'one' } })

    expect(headers['set-cookie']).toBeUndefined()
  })

  it('move only if their server is not available', async () => {
    await using mounted = await mount()
    const before = await ask(mounted, 50)
    const { pool } = mounted.service()
    for (const endpoint of pool.all.slice(1, 2)) pool.setHealthy(endpoint, 'test', false)

    const meanwhile = await ask(mounted, 50)
    for (const endpoint of pool.all) pool.setHealthy(endpoint, 'test', true)

    expect(meanwhile).not.toContain('b')
    const moved = before.filter((server, session) => server !== meanwhile[session])
    expect(new Set(moved)).toEqual(new Set(['b']))
    expect(await ask(mounted, 50)).toEqual(before)
  })
})

describe('requests without the field', () => {
  it.each([{}, { 'x-session': '' }])('go by the strategy: %o', async (headers) => {
    await using mounted = await mount()

    const asked: string[] = []
    for (let i = 0; i < 4; i++) asked.push((await mounted.send({ headers })).text)

    expect(asked).toEqual(servers)
  })
})

function mount(): Promise<MountedFeature> {
  return mountWith({ header: 'X-Session' }, { servers })
}

/** The servers that so many sessions reach. */
async function ask({ send }: MountedFeature, sessions: number): Promise<string[]> {
  const asked: string[] = []
  for (let i = 0; i < sessions; i++) {
    asked.push((await send({ headers: { 'x-session': `session ${i}` } })).text)
  }
  return asked
}
