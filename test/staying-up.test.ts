import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { RunningCli } from './support/cli.ts'
import { Load } from './support/load.ts'
import { UpstreamProcess } from './support/upstream-process.ts'

/** GATEWRIGHT_LONG=1 edits as often as somebody does who edits twice a second for a minute. */
const edits = process.env['GATEWRIGHT_LONG'] === '1' ? 120 : 30

const upstreams: UpstreamProcess[] = []

beforeAll(async () => {
  upstreams.push(...(await Promise.all(Array.from({ length: 3 }, () => UpstreamProcess.start()))))
}, 30_000)
afterAll(() => Promise.all(upstreams.map((upstream) => upstream.kill())))

describe('a service under load', { timeout: 120_000 }, () => {
  it('has a server killed and started again, and no client notices', async () => {
    await using cli = new RunningCli(configuration(upstreams))
    await using load = new Load(await listeningPort(cli))
    const killed = upstreams[0]

    await load.answers(500)
    await killed?.kill()
    await cli.line('server is unhealthy')
    await load.answers(500)
    await killed?.start()
    await cli.line('server is healthy')
    await vi.waitFor(async () => expect(await killed?.served()).toBeGreaterThan(50), 60_000)
    await load.stop()

    expect(load.failures).toEqual(new Map())
    expect([...load.statuses.keys()]).toEqual([200])
  })

  it('has all servers killed, answers 503 and nothing else, and recovers', async () => {
    await using cli = new RunningCli(configuration(upstreams))
    await using load = new Load(await listeningPort(cli))

    await load.answers(500)
    await Promise.all(upstreams.map((upstream) => upstream.kill()))
    await cli.line('server is unhealthy', 3)
    const dying = await load.settled()
    await load.answers(500)
    const dead = await load.settled()
    await Promise.all(upstreams.map((upstream) => upstream.start()))
    await cli.line('server is healthy', 3)
    await load.settled()
    await load.answers(500)
    const recovered = await load.settled()
    await load.stop()

    expect(load.failures).toEqual(new Map())
    expect(new Set(dying)).toEqual(new Set([200, 503]))
    expect(dead).toEqual([503])
    expect(recovered).toEqual([200])
  })

  it(`has servers come and go by ${edits} edits of the file, and loses nothing`, async () => {
    await using cli = new RunningCli(configuration(upstreams))
    await using load = new Load(await listeningPort(cli))

    for (let edit = 1; edit <= edits; edit++) {
      cli.write(configuration(upstreams.filter((_, index) => ((edit % 7) + 1) & (1 << index))))
      await cli.line('configuration reloaded', edit)
      await load.answers(50)
    }
    await load.stop()

    expect(load.failures).toEqual(new Map())
    expect([...load.statuses.keys()]).toEqual([200])
    expect(cli.lines.filter(({ level }) => Number(level) >= 40)).toEqual([])
  })
})

async function listeningPort(cli: RunningCli): Promise<number> {
  await cli.line('ready')
  const { address } = await cli.line('listening')
  return Number(String(address).split(':').at(-1))
}

function configuration(servers: readonly UpstreamProcess[]): string {
  return `
    providers {
      file {
        watch       = true
        debounce_ms = 50
      }
    }
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule        = "PathPrefix(\`/\`)"
      service     = "app"
      middlewares = ["again"]
    }
    middlewares "again" {
      type = "retry"
    }
    services "app" {
      load_balancer {
        servers = [${servers.map(({ url }) => `{ url = "${url}" }`).join(', ')}]
        health_check {
          path                = "/healthz"
          interval            = "1s"
          unhealthy_threshold = 2
        }
      }
    }
  `
}
