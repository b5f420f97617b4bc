import { describe, expect, it } from 'vitest'
import { parseH2load } from '../src/load/h2load.ts'
import type { LoadJob } from '../src/load/load.ts'
import { http2 } from '../src/scenarios/loads.ts'

const job: LoadJob = { ...http2, port: 1, seconds: 1 }
const output = `TLS Protocol: TLSv1.3
Application protocol: h2

finished in 1.01s, 4.00 req/s, 2.19MB/s
requests: 4 total, 14 started, 4 done, 4 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 4 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 5.19MB (5297980) total, 1.38KB (1443) headers (space savings 50.51%), 5.00KB (5120) data
                     min         max         mean         sd        +/- sd
time for request:      118us     13.58ms      2.33ms      1.81ms    99.00%
`
const log = '17\t200\t400\n18\t200\t100\n19\t200\t300\n20\t200\t200\n'

describe('parseH2load', () => {
  it('reads requests, time and percentiles', () => {
    expect(parseH2load(output, log, job)).toEqual({
      requests: 4,
      seconds: 1.01,
      p50Micros: 200,
      p99Micros: 400,
      problems: [],
    })
  })

  it('expects no TLS where there is none', () => {
    const cleartext = output.replace('protocol: h2', 'protocol: h2c')

    expect(parseH2load(cleartext, log, { ...job, encrypted: false }).problems).toEqual([])
    expect(parseH2load(cleartext, log, job).problems).toEqual(['protocol h2c, not h2'])
  })

  it.each([
    { from: '0 failed', to: '3 failed', problem: '3 requests failed' },
    { from: 'protocol: h2', to: 'protocol: http/1.1', problem: 'protocol http/1.1, not h2' },
    { from: '(5120) data', to: '(4095) data', problem: '4095 bytes of bodies' },
    { from: '(5120) data', to: '(999999) data', problem: '999999 bytes of bodies' },
  ])('reports "$to"', ({ from, to, problem }) => {
    const { problems } = parseH2load(output.replace(from, to), log, job)

    expect(problems.join()).toContain(problem)
  })

  it('looks at the status of every response', () => {
    const { problems } = parseH2load(output, log.replace('200\t400', '204\t400'), job)

    expect(problems).toEqual(['1 responses with another status than 200'])
  })
})
