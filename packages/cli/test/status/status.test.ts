import { join } from 'node:path'
import { reply, request, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { Cli, createFolder, type Ending, type Folder, runCli } from '../cli.ts'

describe('status', { timeout: 60_000 }, () => {
  it('says how the gateway does, without any block that asks for it', async () => {
    await using folder = await createFolder({ 'gateway.hcl': configuration('http://127.0.0.1:1') })
    await using cli = await startIn(folder)
    await folder.write('gateway.hcl', 'nonsense = 1')
    cli.kill('SIGHUP')
    await cli.line('reload refused; the running configuration stays')

    const { code, stdout, stderr } = await status(folder)

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`process ${cli.pid}\n`)
    expect(stdout).toMatch(/^Running for .*\nConfiguration 1 of .*gateway\.hcl, loaded 2/)
    expect(stdout).toMatch(/^! Another one was refused .*nonsense.*\(GW_CONFIG_INVALID\)$/m)
    expect(stdout).toMatch(/^web +127\.0\.0\.1:\d+ +http +-$/m)
    expect(stdout).toMatch(/^app +app +15 +web +- +- +PathPrefix\(`\/`\)$/m)
    expect(stdout).toMatch(/^app +round-robin +http:\/\/127\.0\.0\.1:1 +up +1 +0$/m)
    expect(stdout).toMatch(/^! nobody counts requests and connections: put "metrics {}" into/m)
  })

  it.each([1, 2])('adds up what %i workers have counted', async (workers) => {
    await using upstream = await startUpstream(reply(404))
    const text = `workers = ${workers}\nmetrics {}\n${configuration(upstream.url)}`
    await using folder = await createFolder({ 'gateway.hcl': text })
    await using cli = new Cli([], { cwd: folder.path, env: runtime(folder) })
    const url = await cli.url()
    for (let sent = 0; sent < 4; sent++) await request(url)

    // A request counts once its end is known, which its client knows earlier.
    const answer = await vi.waitFor(
      async () => {
        const { code, stdout } = await status(folder, '--json')
        const parsed: unknown = JSON.parse(stdout)
        expect({ code, parsed }).toMatchObject({
          code: 0,
          parsed: { routes: [{ requests_total: 4, errors_total: 4 }] },
        })
        return parsed
      },
      { timeout: 30_000 },
    )

    expect(answer).toMatchObject({
      pid: cli.pid,
      file: join(folder.path, 'gateway.hcl'),
      counted_by: 'metrics',
      health: { state: 'Running', workers, total_requests: 4, config: { version: 1 } },
      services: [{ name: 'app', backends: [{ url: upstream.url, state: 'up' }] }],
    })
  })

  it('ends with 1 and says what to do if no gateway runs', async () => {
    await using folder = await createFolder()

    const text = await status(folder)
    const json = await status(folder, '--json')
    const top = await runCli(['top', '--once'], { cwd: folder.path, env: runtime(folder) })

    expect(text).toMatchObject({ code: 1, stdout: '' })
    expect(text.stderr).toContain('hint: start one, or set GATEWRIGHT_RUNTIME_DIR')
    expect(JSON.parse(json.stderr)).toMatchObject([{ code: 'GW_CLI_NOT_RUNNING' }])
    expect(top).toMatchObject({ code: 1, stdout: '' })
  })
})

function configuration(server: string): string {
  return `entrypoints "web" {
  address = "127.0.0.1:0"
}
routers "app" {
  rule    = "PathPrefix(\`/\`)"
  service = "app"
}
services "app" {
  load_balancer {
    servers = [{ url = "${server}" }]
  }
}
`
}

async function startIn(folder: Folder): Promise<Cli> {
  const cli = new Cli([], { cwd: folder.path, env: runtime(folder) })
  await cli.url()
  return cli
}

function status(folder: Folder, ...args: readonly string[]): Promise<Ending> {
  return runCli(['status', ...args], { cwd: folder.path, env: runtime(folder) })
}

function runtime({ path }: Folder): NodeJS.ProcessEnv {
  return { GATEWRIGHT_RUNTIME_DIR: join(path, 'run') }
}
