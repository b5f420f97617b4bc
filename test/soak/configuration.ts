import { fileURLToPath } from 'node:url'
import type { Random } from './random.ts'

const counters = fileURLToPath(new URL('../fixtures/counters.ts', import.meta.url))

/** A configuration that serves every visitor, with what may differ between two reloads drawn. */
export function validConfiguration(urls: readonly string[], random: Random): string {
  const strategy = random.pick([
    'round-robin',
    'random',
    'least-connections',
    'least-latency',
    'consistent-hash',
  ])
  const servers = urls.filter((_, index) => index === 0 || random.chance(0.7))
  const list = servers.map((url) => `{ url = "${url}" }`).join(', ')
  return `
    shutdown_timeout_secs = 20
    plugins "counters" {
      source = "${counters}"
    }
    entrypoints "web" {
      address = "127.0.0.1:0"
      http {
        header_timeout = "4s"
      }
    }
    routers "api" {
      rule        = "PathPrefix(\`/api/\`)"
      service     = "steady"
      middlewares = ["without-api"]
    }
    routers "again" {
      rule        = "PathPrefix(\`/again/\`)"
      service     = "restless"
      middlewares = ["without-again", "again"]
    }
    routers "channels" {
      rule    = "PathPrefix(\`/channels/\`)"
      service = "channels"
    }
    routers "faulty" {
      rule    = "PathPrefix(\`/faulty/\`)"
      service = "faulty"
    }
    middlewares "without-api" {
      type     = "strip-prefix"
      prefixes = ["/api"]
    }
    middlewares "without-again" {
      type     = "strip-prefix"
      prefixes = ["/again"]
    }
    middlewares "again" {
      type              = "retry"
      max_retries       = ${3 + random.below(3)}
      retry_interval_ms = ${random.below(10)}
      budget_percent    = 1000
    }
    services "steady" {
      load_balancer {
        strategy = "${strategy}"
        servers  = [${list}]
      }
      streaming {
        idle_timeout = "10s"
      }
    }
    services "channels" {
      websocket {
        mux {
          rate = 0
        }
      }
    }
    services "restless" {
      load_balancer {
        strategy = "${strategy}"
        servers  = [${list}]
      }
    }
    services "faulty" {
      load_balancer {
        request_timeout            = "2s"
        stream_idle_timeout        = "500ms"
        max_connections_per_server = 20
        servers                    = [${list}]
      }
      streaming {
        idle_timeout = "500ms"
      }
    }
  `
}

/** One that must be refused. */
export function invalidConfiguration(urls: readonly string[], random: Random): string {
  const valid = validConfiguration(urls, random)
  return random.pick([
    valid.replace('entrypoints "web" {', 'entrypoints "web"'),
    valid.replace('strategy', 'stratgy'),
    valid.replace('type     = "strip-prefix"', 'type = "no-such-type"'),
    valid.replaceAll('service     = "steady"', 'service     = "nowhere"'),
    valid.replace('"2s"', '"soon"'),
  ])
}
