import { describe, expect, it } from 'vitest'
import { loadsBetween } from '../../src/top/load.ts'
import { renderTop, type Shown, type Size, sharesOf } from '../../src/top/top-view.ts'
import { trafficOf } from './traffic.ts'

const none = { requests: 0, errors: 0, durations: null }

describe('the table of top', () => {
  it('has routers, services and servers with what goes through them', () => {
    expect(text(shown())).toBe(`Running for 1m 5s: process 42, configuration 3 of /etc/gateway.hcl
120 requests/s   2.5 errors/s   p50 -   p99 -   2 active   7 connections

ROUTER  SERVICE  REQ/S  ERR/S  P50  P99
api     app        120    2.5    -    -

SERVICE  HEALTHY  ACTIVE  REQ/S  ERR/S  P50  P99
app          1/2       2    120    2.5    -    -

SERVER          SERVICE  STATE  WEIGHT  ACTIVE  REQ/S
http://a.test/  app      up          1       2    121
http://b.test/  app      down        1       0      0`)
  })

  it('marks what is not healthy', () => {
    const red = renderTop(shown()).filter(({ style }) => style === 'red')

    expect(red.map(({ text: line }) => line.split(' ')[0])).toEqual(['app', 'http://b.test/'])
  })

  it('says how to get figures that nobody counts', () => {
    const traffic = trafficOf({ counted_by: null })
    const before = { at: 0, traffic }
    const { who } = shown()

    const lines = text({ who, traffic, loads: loadsBetween(before, { at: 1000, traffic }) })

    expect(lines).toContain('! nobody counts requests, errors and latencies: put "metrics {}" into')
    expect(lines).toContain('kill -HUP 42')
  })

  it.each([
    { rows: 24, columns: 30 },
    { rows: 9, columns: 200 },
    { rows: 3, columns: 5 },
    { rows: 1, columns: 1 },
  ])('fits into any terminal: %j', (size) => {
    const lines = renderTop(shown(), size)

    expect(lines.length).toBeLessThanOrEqual(size.rows)
    expect(Math.max(...lines.map(({ text: line }) => line.length))).toBeLessThanOrEqual(
      size.columns,
    )
  })

  it('says how many lines it has left out', () => {
    const names = Array.from({ length: 30 }, (_value, index) => `r${index}`)
    const routers = names.map((name) => ({ name, service: 'app', ...none }))
    const traffic = trafficOf({ routers })
    const loads = loadsBetween({ at: 0, traffic }, { at: 1000, traffic })

    const lines = text({ ...shown(), traffic, loads }, { rows: 14, columns: 80 })

    expect(lines.split('\n')).toHaveLength(14)
    expect(lines).toMatch(/… and 21 more routers$/)
  })

  it('gives room that one list does not need to the others', () => {
    expect(sharesOf([1, 10, 10], 11)).toEqual([1, 5, 5])
    expect(sharesOf([1, 2], 100)).toEqual([1, 2])
    expect(sharesOf([5, 5], -3)).toEqual([0, 0])
  })
})

function text(what: Shown, size?: Size): string {
  return renderTop(what, size)
    .map((line) => line.text)
    .join('\n')
}

function shown(): Shown {
  const server = { service: 'app', weight: 1, requests: 0 }
  const servers = [
    { ...server, url: 'http://a.test/', state: 'up', active: 2 } as const,
    { ...server, url: 'http://b.test/', state: 'down', active: 0 } as const,
  ]
  const service = { name: 'app', active: 2, servers: 2, healthy: 1 }
  const before = trafficOf({
    routers: [{ name: 'api', service: 'app', ...none }],
    services: [{ ...service, ...none }],
    servers,
  })
  const more = { requests: 240, errors: 5, durations: null }
  const traffic = trafficOf({
    total: more,
    routers: [{ name: 'api', service: 'app', ...more }],
    services: [{ ...service, ...more }],
    servers: servers.map((one) => ({ ...one, requests: one.active === 0 ? 0 : 242 })),
  })
  const loads = loadsBetween({ at: 0, traffic: before }, { at: 2000, traffic })
  return { who: { pid: 42, file: '/etc/gateway.hcl' }, traffic, loads }
}
