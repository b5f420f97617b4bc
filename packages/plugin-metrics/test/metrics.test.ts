import { definePlugin, figures } from '@gatewright/kernel'
import {
  closeBeforeResponse,
  deadUrl,
  gatewayFile,
  hang,
  reply,
  startGateway,
  startUpstream,
} from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { metricsOf } from '../src/index.ts'
import { scrape } from './scrape.ts'

describe('metrics', () => {
  it('count requests by status, router, service and server', async () => {
    await using upstream = await startUpstream([reply(200, {}, 'hello'), reply(404), reply(200)])
    await using gateway = await startGateway(`${plain(upstream.url)} metrics {}`)

    await gateway.request('/a', { method: 'POST', body: 'sent' })
    await gateway.request('/b')
    await gateway.request('/c')
    await gateway.request('/elsewhere', { headers: { host: 'nobody.test' } })

    await vi.waitFor(async () =>
      expect(await scrape(gateway)).toMatchObject({ gateway_requests_total: 4 }),
    )
    expect(await scrape(gateway)).toMatchObject({
      'gateway_responses_total{status_class="2xx"}': 2,
      'gateway_responses_total{status_class="3xx"}': 0,
      'gateway_responses_total{status_class="4xx"}': 2,
      'gateway_responses_total{status_class="5xx"}': 0,
      'gateway_router_requests_total{router="all"}': 3,
      [`gateway_backend_requests_total{service="app",backend="${upstream.url}"}`]: 3,
      'gateway_service_requests_total{service="app"}': 3,
      'gateway_router_errors_total{router="all"}': 1,
      'gateway_service_errors_total{service="app"}': 1,
      'gateway_request_duration_seconds_count{router="all",service="app",status_class="2xx",method="POST"}': 1,
      'gateway_request_duration_seconds_count{router="",service="",status_class="4xx",method="GET"}': 1,
      'gateway_service_request_duration_seconds_count{service="app"}': 3,
      'gateway_upstream_duration_seconds_count{service="app"}': 3,
      'gateway_errors_total{code="GW_NO_ROUTE",source="client"}': 1,
      [`gateway_backend_healthy{service="app",backend="${upstream.url}"}`]: 1,
      'gateway_entrypoint_connections_total{entrypoint="web",protocol="http"}': 4,
      'gateway_upstream_connect_seconds_count{service="app"}': 1,
      'gateway_config_reload_total{result="applied"}': 0,
    })
  })

  it('tell what the reference tells first, in its order, and twice the same', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(`${plain(upstream.url)} metrics {}`)
    const metrics = metricsOf(gateway.gateway)

    const text = (await metrics?.text()) ?? ''

    expect(text).toContain(`\
# HELP gateway_requests_total Total number of requests
# TYPE gateway_requests_total counter
gateway_requests_total 0
# HELP gateway_responses_total Total responses by status class
# TYPE gateway_responses_total counter
gateway_responses_total{status_class="2xx"} 0
gateway_responses_total{status_class="3xx"} 0
gateway_responses_total{status_class="4xx"} 0
gateway_responses_total{status_class="5xx"} 0
# HELP gateway_response_bytes_total Total response bytes
# TYPE gateway_response_bytes_total counter
gateway_response_bytes_total 0
# HELP gateway_active_connections Current active connections
# TYPE gateway_active_connections gauge
gateway_active_connections 0
`)
    expect(text).not.toContain('gateway_router_requests_total')
    expect(own((await metrics?.text()) ?? '')).toBe(own(text))
    expect(await metrics?.text('openmetrics')).toMatch(/# EOF\n$/)
  })

  it('have each request once, also those that failed, were refused or aborted', async () => {
    await using upstream = await startUpstream([reply(200), hang()])
    const dead = await deadUrl()
    await using gateway = await startGateway(`
      metrics {}
      entrypoints "web" {
        address = "127.0.0.1:0"
      }
      middlewares "limit" {
        type  = "rate-limit"
        rate  = 1
        burst = 1
      }
      routers "limited" {
        rule        = "PathPrefix(\`/limited\`)"
        service     = "app"
        middlewares = ["limit"]
      }
      routers "dead" {
        rule    = "PathPrefix(\`/dead\`)"
        service = "dead"
      }
      services "app" {
        load_balancer {
          servers = [{ url = "${upstream.url}" }]
        }
      }
      services "dead" {
        load_balancer {
          servers = [{ url = "${dead}" }]
        }
      }
    `)

    expect((await gateway.request('/limited')).status).toBe(200)
    expect((await gateway.request('/limited')).status).toBe(429)
    expect((await gateway.request('/dead')).status).toBe(502)
    expect((await gateway.request('/nowhere')).status).toBe(404)

    await vi.waitFor(async () =>
      expect(await scrape(gateway)).toMatchObject({
        gateway_requests_total: 4,
        'gateway_responses_total{status_class="2xx"}': 1,
        'gateway_responses_total{status_class="4xx"}': 2,
        'gateway_responses_total{status_class="5xx"}': 1,
        'gateway_rate_limited_total{middleware="limit",router="limited"}': 1,
        'gateway_middleware_invocations_total{middleware="limit",outcome="continue"}': 1,
        'gateway_middleware_invocations_total{middleware="limit",outcome="responded"}': 1,
        'gateway_plugin_steps_total{plugin="@gatewright/plugin-rate-limit",phase="onRequest",outcome="passed"}': 1,
        'gateway_errors_total{code="GW_UPSTREAM_CONNECT",source="upstream"}': 1,
      }),
    )
  })

  it('count every try of a request, and the request once', async () => {
    await using upstream = await startUpstream([closeBeforeResponse(), reply(200)])
    await using gateway = await startGateway(`
      ${gatewayFile(upstream.url, 'type = "retry"')}
      metrics {}
    `)

    expect((await gateway.request('/')).status).toBe(200)

    await vi.waitFor(async () =>
      expect(await scrape(gateway)).toMatchObject({ gateway_requests_total: 1 }),
    )
    const values = await scrape(gateway)
    expect(values[`gateway_backend_requests_total{service="app",backend="${upstream.url}"}`]).toBe(
      2,
    )
    expect(Object.entries(values).filter(([name]) => name.startsWith('gateway_retries'))).toEqual([
      [expect.stringContaining('reason="reset"'), 1],
    ])
  })

  it('have no more series after a thousand hosts, paths and methods', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(`${plain(upstream.url)} metrics {}`)
    const names = async (): Promise<string[]> =>
      Object.keys(await scrape(gateway)).filter((name) => name.startsWith('gateway_'))
    for (const method of ['GET', 'WEIRD']) await gateway.request('/', { method })
    await vi.waitFor(async () =>
      expect(await scrape(gateway)).toMatchObject({ gateway_requests_total: 2 }),
    )
    const before = await names()

    for (let i = 0; i < 1000; i++) {
      const method = i % 2 === 0 ? 'GET' : `M${i}`
      await gateway.request(`/${i}`, { method, headers: { 'user-agent': `agent-${i}` } })
    }

    expect(await names()).toEqual(before)
  })

  it('go on over a reload, and forget what is no longer configured', async () => {
    await using upstream = await startUpstream()
    const config = `${plain(upstream.url)} metrics {}`
    await using gateway = await startGateway(config)
    await gateway.request('/')

    await gateway.reload(config.replaceAll('"app"', '"renamed"'))
    await gateway.request('/')
    await gateway.reload(config.replaceAll('"app"', '"renamed"'))
    await expect(gateway.reload('nonsense {}')).rejects.toThrow('nonsense')

    await vi.waitFor(async () =>
      expect(await scrape(gateway)).toMatchObject({ gateway_requests_total: 2 }),
    )
    const values = await scrape(gateway)
    expect(values).toMatchObject({
      'gateway_service_requests_total{service="renamed"}': 1,
      'gateway_config_reload_total{result="applied"}': 1,
      'gateway_config_reload_total{result="unchanged"}': 1,
      'gateway_config_reload_total{result="rejected"}': 1,
      gateway_config_version: gateway.gateway.snapshot.version,
    })
    expect(Object.keys(values).filter((name) => name.includes('"app"'))).toEqual([])
  })

  it('leave out what is no number, since processes tell each other theirs as JSON', async () => {
    await using upstream = await startUpstream()
    const values = [Number.NaN, Number.POSITIVE_INFINITY, 1]
    const odd = definePlugin({
      name: 'odd',
      setup: (gateway) =>
        gateway.registry(figures).register({
          type: 'odd',
          kind: 'gauge',
          help: 'Odd values',
          labels: ['n'],
          read: () => values.map((value, n) => ({ labels: [`${n}`], value })),
        }),
    })
    await using gateway = await startGateway(`${plain(upstream.url)} metrics {}`, {
      plugins: [odd],
    })

    const entries = Object.entries(await scrape(gateway))

    expect(entries.filter(([name]) => name.startsWith('gateway_odd'))).toEqual([
      ['gateway_odd{n="2"}', 1],
    ])
    expect(entries.filter(([, value]) => !Number.isFinite(value))).toEqual([])
  })

  it('are gone when the configuration no longer asks for them', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(`${plain(upstream.url)} metrics {}`)

    await gateway.reload(plain(upstream.url))

    expect(metricsOf(gateway.gateway)).toBeUndefined()
  })

  it('name servers by a hash, and metrics by a prefix, if asked to', async () => {
    await using upstream = await startUpstream()
    await using gateway = await startGateway(
      `${plain(upstream.url)}
      metrics {
        prefix        = "edge_"
        backend_label = "hash"
        buckets       = [1, 2]
      }`,
    )
    await gateway.request('/')

    await vi.waitFor(async () =>
      expect(await scrape(gateway)).toMatchObject({ edge_requests_total: 1 }),
    )
    const names = Object.keys(await scrape(gateway))
    expect(names.join()).not.toContain(upstream.url)
    expect(names).toContainEqual(
      expect.stringMatching(
        /^edge_backend_requests_total\{service="app",backend="b_[0-9a-f]{16}"\}$/,
      ),
    )
    expect(
      names.filter((name) => name.startsWith('edge_upstream_duration_seconds_bucket')),
    ).toEqual([
      'edge_upstream_duration_seconds_bucket{service="app",le="1"}',
      'edge_upstream_duration_seconds_bucket{service="app",le="2"}',
      'edge_upstream_duration_seconds_bucket{service="app",le="+Inf"}',
    ])
  })
})

/** Without what changes from one moment to the next. */
function own(text: string): string {
  return text.slice(0, text.indexOf('# HELP process_'))
}

function plain(url: string): string {
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule    = "!Host(\`nobody.test\`)"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
  `
}
