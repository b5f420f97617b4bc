import { describe, expect, it } from 'vitest'
import { json, table } from './soak/report.ts'
import { Soak } from './soak/soak.ts'

const seconds = 4

describe('a soak', () => {
  it('finds nothing wrong, and tells what it did', { timeout: 120_000 }, async () => {
    const soak = new Soak({ seconds, seed: 7, io: process.env['GATEWRIGHT_IO'] })

    const result = await soak.run()

    expect(result.tally.problems).toEqual([])
    expect(result.tally.exchanges).toBeGreaterThan(100)
    expect(result.tally.reloads).toBeGreaterThan(0)
    expect(result.tally.kinds.get('keep-alive')?.statuses).toEqual({ 200: expect.any(Number) })
    expect(result.after).toMatchObject({ exchanges: 0, connections: 0, attempts: 0, snapshots: 1 })
    expect(table(result)).toContain('no problems')
    expect(JSON.parse(json(result))).toMatchObject({ seed: 7, problemCount: 0 })
  })
})
