import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { reply, startGateway, startUpstream } from '@gatewright/testing'
import { expect, it } from 'vitest'
import { metricsOf } from '../../src/index.ts'

it('what metrics tell is in order for promtool, but for a name that the reference has', async () => {
  await using upstream = await startUpstream([reply(200), reply(500)])
  await using gateway = await startGateway(`
    metrics {}
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    middlewares "breaker" {
      type = "circuit-breaker"
    }
    routers "all" {
      rule        = "PathPrefix(\`/\`)"
      service     = "app"
      middlewares = ["breaker"]
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${upstream.url}" }]
      }
    }
  `)
  await gateway.request('/')
  await gateway.request('/')

  const { problems } = await check((await metricsOf(gateway.gateway)?.text()) ?? '')

  expect(problems).toEqual([
    'gateway_router_latency_microseconds_total use base unit "seconds" instead of "microseconds"',
  ])
})

async function check(metrics: string): Promise<{ readonly problems: readonly string[] }> {
  const promtool = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] })
  promtool.stdin.end(metrics)
  const [out, err] = await Promise.all([text(promtool.stdout), text(promtool.stderr)])
  return { problems: `${out}${err}`.split('\n').filter((line) => line !== '') }
}
