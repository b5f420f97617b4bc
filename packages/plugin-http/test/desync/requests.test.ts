import { startGateway, type TestGateway } from '@gatewright/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { configFor } from '../behind.ts'
import { type EchoUpstream, startEchoUpstream } from './echo-upstream.ts'
import type { RequestRow } from './request-row.ts'
import { requestTable } from './request-rows/index.ts'
import { expectedOutcome, type Outcome, type Pace, runRequestRow } from './run-request-row.ts'

let upstream: EchoUpstream
let gateway: TestGateway

// One of each for all rows: what a row leaves behind on a kept connection hits the next one.
beforeAll(async () => {
  upstream = await startEchoUpstream()
  // Whoever begins with the preface of HTTP/2 would be served that.
  const config = configFor(upstream.url, { entrypoint: { http: { h2c: false } } })
  // `OPTIONS *` has no path.
  const routers = {
    all: { rule: 'PathPrefix(`/`)', service: 'app' },
    options: { rule: 'Method(`OPTIONS`)', service: 'app' },
  }
  gateway = await startGateway({ ...config, routers })
})

afterAll(async () => {
  await gateway.close()
  await upstream[Symbol.asyncDispose]()
})

// What a row that failed has left is not to be blamed on others.
beforeEach(async () => upstream.forget())

const run = (row: RequestRow, pace: Pace): Promise<Outcome> =>
  runRequestRow(row, pace, gateway, upstream)

describe.each(Object.entries(requestTable))('%s', (_class, rows) => {
  it.each(rows)('$name', async (row) => {
    expect(await run(row, 'in one piece')).toEqual(expectedOutcome(row, 'in one piece'))
  })

  it.each(rows)('$name, byte by byte', async (row) => {
    expect(await run(row, 'byte by byte')).toEqual(expectedOutcome(row, 'byte by byte'))
  })
})

function repeated(texts: readonly string[]): string[] {
  return texts.filter((text, i) => texts.indexOf(text) < i)
}

describe('the table', () => {
  it('has at least 200 rows, none twice', () => {
    const rows = Object.values(requestTable).flat()

    expect(rows.length).toBeGreaterThan(200)
    expect(repeated(rows.map(({ name }) => name))).toEqual([])
    expect(repeated(rows.map(({ sends }) => sends))).toEqual([])
  })
})
