import type { TestGateway } from '@gatewright/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startBehind } from '../behind.ts'
import { type EchoUpstream, startEchoUpstream } from './echo-upstream.ts'
import type { ResponseRow } from './response-row.ts'
import { responseTable } from './response-rows/index.ts'
import type { Pace } from './run-request-row.ts'
import { type ResponseOutcome, runResponseRow } from './run-response-row.ts'

let upstream: EchoUpstream
let gateway: TestGateway

// One of each for all rows: what a row leaves behind on a kept connection hits the next one.
beforeAll(async () => {
  upstream = await startEchoUpstream()
  gateway = await startBehind(upstream)
})

afterAll(async () => {
  await gateway.close()
  await upstream[Symbol.asyncDispose]()
})

// What a row that failed has left is not to be blamed on others.
beforeEach(async () => upstream.forget())

const run = (row: ResponseRow, pace: Pace): Promise<ResponseOutcome> =>
  runResponseRow(row, pace, gateway, upstream)

describe.each(Object.entries(responseTable))('%s', (_class, rows) => {
  it.each(rows)('$name', async (row) => {
    expect(await run(row, 'in one piece')).toEqual(expectedOutcome(row))
  })

  it.each(rows)('$name, byte by byte', async (row) => {
    expect(await run(row, 'byte by byte')).toEqual(expectedOutcome(row))
  })
})

function expectedOutcome({ gets, reused }: ResponseRow): ResponseOutcome {
  return { gets, reused, wrong: [] }
}
