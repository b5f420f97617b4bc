import { after, type RawResponse, reply, request, startUpstream } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { Cli, createFolder } from './cli.ts'

// Processes come and go, on machines that are busy.
const timeoutMs = 60_000
const patience = { timeout: 20_000 }

describe.each([1, 2])('management with %i workers', { timeout: timeoutMs }, (workers) => {
  it('tells the numbers of all of them, and gives orders to all', async () => {
    await using upstream = await startUpstream(reply(200))
    await using folder = await createFolder({ 'gateway.hcl': hclOf(workers, upstream.url) })
    await using cli = new Cli([], { cwd: folder.path, timeoutMs })
    const { web, management } = await listening(cli)
    for (let sent = 0; sent < 20; sent++) await request(`${web}/`)

    await vi.waitFor(async () => {
      expect(await json(`${management}/api/gateway/health`)).toMatchObject({
        total_requests: 20,
        workers,
      })
    }, patience)
    const metrics = await request(`${management}/api/gateway/metrics`)
    const route = await json(`${management}/api/gateway/routes/all`)
    const ready = await request(`${management}/readyz`)
    const server = `services/app/backends/${encodeURIComponent(upstream.url)}`
    const drained = await post(`${management}/api/gateway/${server}/drain`)
    const refused = new Set<number>()
    for (let sent = 0; sent < 6; sent++) refused.add((await request(`${web}/`)).status)

    expect([drained.status, refused]).toEqual([200, new Set([503])])
    expect(metrics.text).toContain('\ngateway_requests_total 20\n')
    expect(route).toMatchObject({ requests_total: 20, errors_total: 0 })
    expect(ready.status).toBe(200)
  })

  it('reloads all of them, and says what came of it', async () => {
    await using upstream = await startUpstream(reply(200))
    const text = hclOf(workers, upstream.url)
    await using folder = await createFolder({ 'gateway.hcl': text })
    await using cli = new Cli([], { cwd: folder.path, timeoutMs })
    const { management } = await listening(cli)

    const same = await reload(management)
    await folder.write('gateway.hcl', text.replace('service =', 'priority = 7\n  service ='))
    const changed = await reload(management)
    await folder.write('gateway.hcl', `${text}nonsense = 1\n`)
    const refused = await reload(management)
    await folder.write('gateway.hcl', '{{{{')
    const broken = await reload(management)
    const health = await json(`${management}/api/gateway/health`)

    expect([same.status, same.json()]).toEqual([
      200,
      expect.objectContaining({ applied: true, unchanged: true }),
    ])
    expect([changed.status, changed.json()]).toEqual([
      200,
      expect.objectContaining({ changed: expect.objectContaining({ routers: updated('all') }) }),
    ])
    expect([refused.status, refused.json()]).toEqual([
      422,
      expect.objectContaining({
        applied: false,
        problems: [expect.objectContaining({ code: 'GW_CONFIG_UNKNOWN_KEY', path: ['nonsense'] })],
      }),
    ])
    expect([broken.status, broken.json()]).toEqual([
      422,
      expect.objectContaining({ problems: [expect.objectContaining({ line: 1 })] }),
    ])
    expect(health.config?.last_error).toMatchObject({ code: 'GW_CONFIG_INVALID' })
    const { processes } = await json(`${management}/api/gateway/snapshot`)
    expect(processes).toHaveLength(workers)
    expect(new Set(processes?.map(({ hash }) => hash)).size).toBe(1)
    expect(await json(`${management}/api/gateway/routes/all`)).toMatchObject({ priority: 7 })
  })

  it('says that no more clients should come until the last one has gone', async () => {
    const answered = Promise.withResolvers<void>()
    await using upstream = await startUpstream(after(answered.promise, reply(200)))
    await using folder = await createFolder({ 'gateway.hcl': hclOf(workers, upstream.url) })
    await using cli = new Cli([], { cwd: folder.path, timeoutMs })
    const { web, management } = await listening(cli)
    const slow = request(`${web}/`)
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1), patience)

    cli.kill('SIGTERM')
    await vi.waitFor(async () => {
      // Given up if its worker ends before it has seen the connection.
      const signal = AbortSignal.timeout(5000)
      expect((await fetch(`${management}/readyz`, { signal })).status).toBe(503)
    }, patience)
    const live = await request(`${management}/livez`)
    answered.resolve()

    expect([(await slow).status, live.status]).toEqual([200, 200])
    expect((await cli.ended).code).toBe(0)
  })
})

interface Told {
  readonly config?: { readonly last_error: object | null }
  readonly processes?: readonly { readonly hash: string }[]
}

function hclOf(workers: number, server: string): string {
  return `
workers = ${workers}
metrics {}
management {
  address = "127.0.0.1:0"
}
entrypoints "web" {
  address = "127.0.0.1:0"
}
routers "all" {
  rule = "PathPrefix(\`/\`)"
  service = "app"
}
services "app" {
  load_balancer {
    servers = [{ url = "${server}" }]
  }
}
`
}

async function listening(cli: Cli): Promise<{ readonly web: string; readonly management: string }> {
  const lines = [await cli.line('listening'), await cli.line('listening')]
  await cli.line('ready')
  const urlOf = (name: string): string =>
    `http://${String(lines.find(({ entrypoint }) => entrypoint === name)?.['address'])}`
  return { web: urlOf('web'), management: urlOf('management') }
}

function reload(management: string): Promise<RawResponse> {
  return post(`${management}/api/gateway/reload`)
}

function post(url: string): Promise<RawResponse> {
  return request(url, { method: 'POST', headers: { 'content-type': 'application/json' } })
}

async function json(url: string): Promise<Told> {
  // As the gateway answers there.
  return (await request(url)).json() as Told
}

function updated(name: string): object {
  return { added: [], removed: [], updated: [name] }
}
