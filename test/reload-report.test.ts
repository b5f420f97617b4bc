import { describe, expect, it } from 'vitest'
import { RunningCli } from './support/cli.ts'

describe('several workers', { timeout: 60_000 }, () => {
  it('tell once what a reload changed', async () => {
    await using cli = new RunningCli(configuration('/old'))
    await cli.line('ready')

    cli.write(configuration('/new'))
    cli.signal('SIGHUP')
    const reloaded = await cli.line('configuration reloaded')
    cli.signal('SIGHUP')
    const unchanged = await cli.line('configuration unchanged')

    expect(reloaded).toMatchObject({
      pid: cli.pid,
      workers: 2,
      version: 2,
      changed: { routers: { updated: ['all'] } },
      drained: ['all'],
    })
    expect(unchanged).toMatchObject({ pid: cli.pid, version: 2, hash: reloaded['hash'] })
    expect(cli.lines.filter(({ msg }) => msg === 'configuration reloaded')).toHaveLength(1)
  })
})

function configuration(prefix: string): string {
  return `
    workers = 2

    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule    = "PathPrefix(\`${prefix}\`)"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "http://127.0.0.1:1" }]
      }
    }
  `
}
