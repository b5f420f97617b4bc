import { recordFigures, reply, startGateway, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { circuitsOf } from '../src/index.ts'

describe('circuit-breaker in a gateway', () => {
  it('keeps requests from a service that fails, and not from another', async () => {
    await using failing = await startUpstream(reply(500))
    await using working = await startUpstream()
    await using gateway = await startGateway(configOf(failing.url, working.url))

    const statuses: number[] = []
    for (let i = 0; i < 4; i++) statuses.push((await gateway.request('/failing')).status)
    const other = await gateway.request('/working')

    expect(statuses).toEqual([500, 500, 503, 503])
    expect(failing.requests).toHaveLength(2)
    expect(other.status).toBe(200)
  })

  it('shows its circuits, and lets them be closed', async () => {
    await using failing = await startUpstream(reply(500))
    await using working = await startUpstream()
    await using gateway = await startGateway(configOf(failing.url, working.url))
    for (const path of ['/failing', '/failing', '/working']) await gateway.request(path)

    const circuits = circuitsOf(gateway.gateway)
    expect(circuits).toMatchObject([
      { middleware: 'breaker', service: 'failing', state: 'open', transitions: 1 },
      { middleware: 'breaker', service: 'working', state: 'closed', transitions: 0, restMs: 0 },
    ])
    expect(circuits[0]?.restMs).toBeGreaterThan(0)
    circuits[0]?.reset()

    expect((await gateway.request('/failing')).status).toBe(500)
  })

  it('tells their states as figures', async () => {
    await using failing = await startUpstream(reply(500))
    await using working = await startUpstream()
    const recorded = recordFigures()
    const config = configOf(failing.url, working.url)
    await using gateway = await startGateway(config, { plugins: [recorded.plugin] })
    for (const path of ['/failing', '/failing', '/working']) await gateway.request(path)

    expect(recorded.read(gateway.gateway)).toMatchObject({
      'circuit_breaker_state{middleware="breaker",service="failing",backend=""}': 2,
      'circuit_breaker_state{middleware="breaker",service="working",backend=""}': 0,
    })
  })

  it('forgets the circuit of a service that is no longer configured', async () => {
    await using upstream = await startUpstream(reply(500))
    await using gateway = await startGateway(configOf(upstream.url, upstream.url))
    for (const path of ['/failing', '/failing', '/working']) await gateway.request(path)

    const text = configOf(upstream.url, upstream.url).replaceAll('"failing"', '"renamed"')
    await gateway.reload(text)

    expect(circuitsOf(gateway.gateway).map(({ service }) => service)).toEqual(['working'])
  })
})

function configOf(failing: string, working: string): string {
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "failing" {
      rule        = "PathPrefix(\`/failing\`)"
      service     = "failing"
      middlewares = ["breaker"]
    }
    routers "working" {
      rule        = "PathPrefix(\`/working\`)"
      service     = "working"
      middlewares = ["breaker"]
    }
    middlewares "breaker" {
      type              = "circuit-breaker"
      failure_threshold = 2
    }
    services "failing" {
      load_balancer {
        servers = [{ url = "${failing}" }]
      }
    }
    services "working" {
      load_balancer {
        servers = [{ url = "${working}" }]
      }
    }
  `
}
