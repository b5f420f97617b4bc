import { request, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { RunningCli } from './support/cli.ts'

// Processes come and go, on machines that are busy.
const patience = { timeout: 20_000 }

describe('the numbers of several workers', { timeout: 120_000 }, () => {
  it('never decrease when SIGUSR2 replaces those who counted', async () => {
    await using upstream = await startUpstream()
    await using cli = new RunningCli(configuration(upstream.url))
    const ports = await portsOf(cli)

    for (const round of [1, 2]) {
      await ask(ports, 20)
      cli.signal('SIGUSR2')
      await cli.line('workers rolled', round)
      const count = 20 * round
      expect(await totals(ports)).toEqual({ metrics: count, histogram: count, health: count })
      expect(await read(ports, 'routes/all')).toMatchObject({ requests_total: count })
    }
  })

  it('are still what a worker had said that is killed', async () => {
    await using upstream = await startUpstream()
    await using cli = new RunningCli(configuration(upstream.url))
    const ports = await portsOf(cli)
    const all = { metrics: 20, histogram: 20, health: 20 }
    await ask(ports, 20)
    await vi.waitFor(async () => expect(await totals(ports)).toEqual(all), patience)

    // Whichever of them has counted, none of it may be lost.
    for (const [place, { pid }] of (await snapshot(ports)).processes.entries()) {
      process.kill(pid, 'SIGKILL')
      await cli.line('worker ended unexpectedly', place + 1)
      expect(await totals(ports)).toEqual(all)
      await cli.line('worker runs again', place + 1)
    }

    expect(await totals(ports)).toEqual(all)
  })

  it('of their configuration and their age go on when they are replaced', async () => {
    await using upstream = await startUpstream()
    await using cli = new RunningCli(configuration(upstream.url))
    const ports = await portsOf(cli)
    for (const round of [1, 2]) {
      cli.write(configuration(upstream.url, `/${round}`))
      cli.signal('SIGHUP')
      await cli.line('configuration reloaded', round)
    }
    const { startedAt } = await health(ports)

    cli.signal('SIGUSR2')
    await cli.line('workers rolled')
    const rolled = await snapshot(ports)
    const since = await health(ports)
    cli.write(configuration(upstream.url, '/3'))
    const headers = { 'content-type': 'application/json' }
    const reload = await request(urlOf(ports, 'reload'), { method: 'POST', headers })

    expect(versionsIn(rolled)).toEqual([3, 3, 3])
    expect(reload.json()).toMatchObject({ applied: true, version: 4 })
    expect(versionsIn(await snapshot(ports))).toEqual([4, 4, 4])
    // Seconds are told, which are cut off.
    expect(Math.abs(since.startedAt - startedAt)).toBeLessThan(2500)
  })
})

interface Ports {
  readonly web: string
  readonly management: string
}

interface Snapshot {
  readonly version: number
  readonly processes: readonly { readonly pid: number; readonly version: number }[]
}

function configuration(url: string, prefix: string = '/'): string {
  return `
    workers = 2
    metrics {}
    management {
      address = "127.0.0.1:0"
    }
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule    = "PathPrefix(\`${prefix}\`)"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
  `
}

async function portsOf(cli: RunningCli): Promise<Ports> {
  await cli.line('ready')
  const lines = cli.lines.filter(({ msg }) => msg === 'listening')
  const of = (name: string): string =>
    String(lines.find(({ entrypoint }) => entrypoint === name)?.['address'])
  return { web: of('web'), management: of('management') }
}

async function ask({ web }: Ports, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    expect((await request(`http://${web}/`)).status).toBe(200)
  }
}

function urlOf({ management }: Ports, path: string): string {
  return `http://${management}/api/gateway/${path}`
}

async function read(ports: Ports, path: string): Promise<unknown> {
  return (await request(urlOf(ports, path))).json()
}

async function snapshot(ports: Ports): Promise<Snapshot> {
  // As the gateway answers there.
  return (await read(ports, 'snapshot')) as Snapshot
}

function versionsIn({ version, processes }: Snapshot): number[] {
  return [version, ...processes.map((one) => one.version)]
}

async function health(ports: Ports): Promise<{ total: number; startedAt: number }> {
  // As the gateway answers there.
  const { total_requests: total, uptime_secs: secs } = (await read(ports, 'health')) as {
    total_requests: number
    uptime_secs: number
  }
  return { total, startedAt: Date.now() - secs * 1000 }
}

async function totals(ports: Ports): Promise<Readonly<Record<string, number>>> {
  const { text } = await request(urlOf(ports, 'metrics'))
  const valueOf = (name: string): number =>
    Number(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'm').exec(text)?.[1])
  return {
    metrics: valueOf('gateway_requests_total'),
    histogram: valueOf('gateway_request_duration_seconds_count'),
    health: (await health(ports)).total,
  }
}
