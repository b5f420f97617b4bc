import { startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { RunningCli } from './support/cli.ts'
import { Load } from './support/load.ts'

describe('several workers', { timeout: 60_000 }, () => {
  it('lose nothing when they are rolled under load', async () => {
    await using upstream = await startUpstream()
    await using cli = new RunningCli(configuration(upstream.url), ['--log-level', 'debug'])
    const port = await listeningPort(cli)
    await cli.line('ready')
    await using kept = new Load(port, { clients: 10, keepAlive: true })
    await using fresh = new Load(port, { clients: 10, keepAlive: false })

    for (let turn = 1; turn <= 5; turn++) {
      await fresh.answers(50)
      cli.signal('SIGUSR2')
      await cli.line('workers rolled', turn)
    }
    await Promise.all([kept.stop(), fresh.stop()])
    console.log(kept, fresh)

    expect([...kept.failures, ...fresh.failures]).toEqual([])
  })
})

async function listeningPort(cli: RunningCli): Promise<number> {
  const { address } = await cli.line('listening')
  return Number(String(address).split(':').at(-1))
}

function configuration(url: string, workers = 2): string {
  return `
    workers = ${workers}
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule    = "PathPrefix(\`/\`)"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
  `
}
