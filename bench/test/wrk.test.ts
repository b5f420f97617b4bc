import { describe, expect, it } from 'vitest'
import type { LoadJob } from '../src/load/load.ts'
import { parseWrk, renderScript } from '../src/load/wrk.ts'

const output = `Running 2s test @ http://127.0.0.1:18080/payload/1024
  1 threads and 50 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.65ms    1.02ms  24.31ms   50.00%
    Req/Sec    29.35k     1.02k   31.02k    99.00%
  Latency Distribution
     50%    1.55ms
     75%    1.90ms
     90%  980.00us
     99%    1.02s
  58404 requests in 2.00s, 71.57MB read
Requests/sec:  29187.45
Transfer/sec:     35.77MB
checked: 58404 right, 0 wrong
problem: 
`

describe('parseWrk', () => {
  it('reads requests, time and percentiles', () => {
    const report = parseWrk(output)

    expect(report).toEqual({
      requests: 58_404,
      seconds: 2,
      p50Micros: 1550,
      p99Micros: 1_020_000,
      problems: [],
    })
  })

  it('does not take the column "+/- Stdev" for a percentile', () => {
    const report = parseWrk(output.replace('    Latency     1.65ms', '50% 7.00ms'))

    expect(report.p50Micros).toBe(1550)
  })

  it('reports wrong responses and socket errors', () => {
    const broken = output
      .replace('58404 right, 0 wrong', '58400 right, 4 wrong')
      .replace('problem: ', 'problem: status 502, 131 bytes')
      .replace(
        'Requests/sec',
        '  Socket errors: connect 0, read 7, write 0, timeout 1\nRequests/sec',
      )

    const { requests, problems } = parseWrk(broken)

    expect(requests).toBe(58_404)
    expect(problems).toEqual([
      '4 wrong responses, the last one with status 502, 131 bytes',
      '7 read errors',
      '1 timeout errors',
    ])
  })

  it('throws what wrk printed if it is something else', () => {
    expect(() => parseWrk('unable to connect')).toThrow('unable to connect')
  })
})

describe('renderScript', () => {
  const job: LoadJob = {
    protocol: 'http/1.1',
    encrypted: false,
    port: 1,
    seconds: 1,
    connections: 1,
    method: 'POST',
    host: 'example.com',
    headers: ['sec-ch-ua: "Chromium"; v="130"'],
    uploadBytes: 10,
    downloadBytes: 10,
    newConnections: false,
    threads: 1,
  }

  it('quotes header values', () => {
    const script = renderScript(job, '/expected', '/upload')

    expect(script).toContain(`wrk.headers["sec-ch-ua"] = "\\"Chromium\\"; v=\\"130\\""`)
    expect(script).toContain('wrk.headers["Host"] = "example.com"')
  })

  it('sends a body only where there is one', () => {
    const get = renderScript({ ...job, method: 'GET' }, '/expected', '/upload')

    expect(renderScript(job, '/expected', '/upload')).toContain('wrk.method = "POST"')
    expect(get).not.toContain('wrk.method')
  })
})
