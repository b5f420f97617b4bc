import { startGateway, type TestGateway, type Upstream } from '@gatewright/testing'
import { expect, vi } from 'vitest'
import { tracingOf } from '../src/index.ts'
import type { ReadSpan, TestCollector } from './collector.ts'

/** Of a client's trace. */
export const traceId = '0af7651916cd43dd8448eb211c80319c'
/** Of its span. */
export const parentId = '00f067aa0ba902b7'
/** What it sends. */
export const traceparent: string = `00-${traceId}-${parentId}-01`
/** The kind of a span for a request that was taken. */
export const server = 2
/** The kind of a span for a request that was sent. */
export const client = 3

/** The block of a service that works on one request at a time. */
export const scaling: string = `scaling {
  container_concurrency = 1
  queue_timeout         = "5s"
}`

/** A gateway in front of `upstream`; `dead` is where `/dead` goes. */
export function start(
  upstream: Upstream,
  collector: TestCollector | undefined,
  options = '',
  dead = upstream.url,
  service = '',
  peer = 'anybody',
): Promise<TestGateway> {
  const block = tracing(`${collector === undefined ? '' : exporting(collector)}\n${options}`)
  return startGateway(config(upstream.url, block, dead, service, peer))
}

/** The block. */
export function tracing(options: string): string {
  return `tracing {\n${options}\n}`
}

/** What makes it send spans. */
export function exporting({ url }: TestCollector): string {
  return `otlp_endpoint = "${url}"
    service_name  = "edge"
    query_params  = ["page"]
    resource      = { "deployment.environment.name" = "test" }`
}

/** The whole configuration. */
export function config(
  url: string,
  block: string,
  dead = url,
  service = '',
  peer = 'anybody',
): string {
  return `
    ${block.startsWith('tracing') || block === '' ? block : tracing(block)}
    entrypoints "web" {
      address = "127.0.0.1:0"
      forwarded_headers {
        trusted_ips = [${peer === 'proxy' ? '"127.0.0.1"' : ''}]
      }
    }
    middlewares "again" {
      type              = "retry"
      max_retries       = 3
      retry_interval_ms = 1
      retry_status      = [503]
    }
    routers "all" {
      rule    = "!Host(\`nobody.test\`)"
      service = "app"
    }
    routers "again" {
      rule        = "PathPrefix(\`/again\`)"
      priority    = 1000
      service     = "app"
      middlewares = ["again"]
    }
    routers "dead" {
      rule     = "PathPrefix(\`/dead\`)"
      priority = 1000
      service  = "dead"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
      ${service}
    }
    services "dead" {
      load_balancer {
        servers = [{ url = "${dead}" }]
      }
    }
  `
}

/** What the collector gets. Spans are made when an exchange is over, which its client may not see. */
export async function spansOf(
  { gateway }: TestGateway,
  collector: TestCollector,
  count: number,
): Promise<ReadSpan[]> {
  const look = async (): Promise<ReadSpan[]> => {
    expect(gateway.exchanges).toBe(0)
    await tracingOf(gateway)?.flush()
    expect(collector.problems).toEqual([])
    expect(collector.spans).toHaveLength(count)
    return collector.spans
  }
  return vi.waitFor(look, { timeout: 5000 })
}
