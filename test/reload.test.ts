import { startUpstream } from '@gatewright/testing'
import autocannon from 'autocannon'
import { describe, expect, it } from 'vitest'
import { RunningCli } from './support/cli.ts'

const reloads = 100

describe('a reload under load', () => {
  it(`loses no request and resets no connection over ${reloads} of them`, {
    timeout: 120_000,
  }, async () => {
    await using upstream = await startUpstream()
    await using cli = new RunningCli(configuration(upstream.url, 0))
    const port = await listeningPort(cli)
    const ended = Promise.withResolvers<autocannon.Result>()
    const options = { url: `http://127.0.0.1:${port}/`, connections: 20, duration: 60 }
    const load = autocannon(options, (_error, result) => ended.resolve(result))
    const statuses = new Map<number, number>()
    load.on('response', (_client, status) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    })

    for (let turn = 1; turn <= reloads; turn++) {
      cli.write(configuration(upstream.url, turn))
      cli.signal('SIGHUP')
      await cli.line('configuration reloaded', turn)
    }
    // Missing from the types.
    Reflect.get(load, 'stop').call(load)
    const result = await ended.promise

    expect({ errors: result.errors, timeouts: result.timeouts, resets: result.resets }).toEqual({
      errors: 0,
      timeouts: 0,
      resets: 0,
    })
    expect([...statuses.keys()]).toEqual([200])
    expect(statuses.get(200)).toBeGreaterThan(reloads)
  })

  it('changes nothing if the file is wrong, and says where and why', async () => {
    await using upstream = await startUpstream()
    await using cli = new RunningCli(configuration(upstream.url, 0))
    const port = await listeningPort(cli)

    cli.write(configuration(upstream.url, 1).replace('strategy', 'stratgy'))
    cli.signal('SIGHUP')
    await cli.line('reload refused')
    const refusal = await cli.line('problem in the configuration')

    expect(JSON.stringify(refusal)).toContain('did you mean \\"strategy\\"?')
    const response = await fetch(`http://127.0.0.1:${port}/`)
    expect(response.status).toBe(200)
  })
})

async function listeningPort(cli: RunningCli): Promise<number> {
  const { address } = await cli.line('listening')
  return Number(String(address).split(':').at(-1))
}

/** Each turn differs in a middleware, so that every reload builds and retires something. */
function configuration(url: string, turn: number): string {
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule        = "PathPrefix(\`/\`)"
      service     = "app"
      middlewares = ["again"]
    }
    middlewares "again" {
      type        = "retry"
      max_retries = ${(turn % 5) + 1}
    }
    services "app" {
      load_balancer {
        strategy = "${turn % 2 === 0 ? 'round-robin' : 'random'}"
        servers  = [{ url = "${url}" }]
      }
    }
  `
}
