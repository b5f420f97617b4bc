import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessLogOf } from '@gatewright/plugin-access-log'
import { metricsOf } from '@gatewright/plugin-metrics'
import { tracingOf } from '@gatewright/plugin-tracing'
import { startGateway, startUpstream, type TestGateway } from '@gatewright/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-observability-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('the block', () => {
  it('counts, writes lines and hands traces on', async () => {
    await using upstream = await startUpstream()
    await using gateway = await start(upstream.url, 'observability {\naccess_log {\nFILE\n}\n}')

    await gateway.request('/here')

    await vi.waitFor(async () => expect(await requestsOf(gateway)).toBe(1))
    expect(upstream.requests[0]?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-/)
    expect(await linesOf(gateway, 1)).toMatchObject([{ path: '/here', status: 200 }])
    expect(await textOf(gateway)).toContain('gateway_access_log_dropped_total 0\n')
  })

  it('keeps nothing of what it switches off', async () => {
    await using upstream = await startUpstream()
    const off = ['metrics', 'access_log', 'tracing'].map((name) => `${name}_enabled = false`)
    const block = `observability {\n${off.join('\n')}\naccess_log {\nFILE\n}\n}`
    await using gateway = await start(upstream.url, block)

    await gateway.request('/', { headers: { traceparent: 'as it is' } })

    expect(metricsOf(gateway.gateway)).toBeUndefined()
    expect(accessLogOf(gateway.gateway)).toBeUndefined()
    expect(tracingOf(gateway.gateway)).toBeUndefined()
    expect(upstream.requests[0]?.headers['traceparent']).toBe('as it is')
    await expect(readFile(join(folder, 'access.log'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it.each(['metrics', 'access_log', 'tracing'])('is refused beside %s', async (name) => {
    await using upstream = await startUpstream()

    const started = start(upstream.url, `observability {\n${name}_enabled = false\n}\n${name} {}`)

    await expect(started).rejects.toMatchObject({
      problems: [
        {
          path: [name],
          code: 'GW_CONFIG_DUPLICATE',
          message: `"${name}" cannot stand beside "observability", which says the same`,
          hint: `have it in "observability", or take that out`,
        },
      ],
    })
  })
})

describe('a reload', () => {
  it('goes on with what there is, whichever form says it', async () => {
    await using upstream = await startUpstream()
    const inOne = `observability {
      metrics {
        step_sampling = 8
      }
      access_log {
        FILE
      }
    }`
    const alone = 'metrics {\nstep_sampling = 8\n}\naccess_log {\nFILE\n}'
    await using gateway = await start(upstream.url, alone)
    await gateway.request('/alone')
    const before = [metricsOf(gateway.gateway), accessLogOf(gateway.gateway)]

    await gateway.reload(config(upstream.url, inOne))
    await gateway.request('/in-one')

    expect([metricsOf(gateway.gateway), accessLogOf(gateway.gateway)]).toEqual(before)
    await vi.waitFor(async () => expect(await requestsOf(gateway)).toBe(2))
    await gateway.reload(config(upstream.url, alone))
    await gateway.request('/alone-again')
    await vi.waitFor(async () => expect(await requestsOf(gateway)).toBe(3))
    expect(await linesOf(gateway, 3)).toMatchObject([
      { path: '/alone' },
      { path: '/in-one' },
      { path: '/alone-again' },
    ])
  })

  it('has the log say more, and less again', async () => {
    await using upstream = await startUpstream()
    const off = 'metrics_enabled = false\naccess_log_enabled = false\ntracing_enabled = false'
    const block = (level: string): string =>
      `observability {\n${off}\nlog {\nlevel = "${level}"\n}\n}`
    await using gateway = await start(upstream.url, block('error'))
    const refused = (): number => gateway.logs.find({ code: 'GW_NO_ROUTE' }).length
    const ask = (): Promise<unknown> => gateway.request('/', { headers: { host: 'nobody.test' } })

    await ask()
    expect(refused()).toBe(0)
    await gateway.reload(config(upstream.url, block('debug')))
    await ask()
    expect(refused()).toBe(1)
    await gateway.reload(config(upstream.url, block('error')))
    await ask()
    expect(refused()).toBe(1)
    await gateway.reload(config(upstream.url, ''))
    await ask()
    expect(refused()).toBe(2)
  })

  it('switches parts off and on', async () => {
    await using upstream = await startUpstream()
    await using gateway = await start(upstream.url, 'observability {\naccess_log {\nFILE\n}\n}')
    await gateway.request('/on')

    const off = ['metrics', 'access_log', 'tracing'].map((name) => `${name}_enabled = false`)
    await gateway.reload(config(upstream.url, `observability {\n${off.join('\n')}\n}`))
    await gateway.request('/off')
    expect(metricsOf(gateway.gateway)).toBeUndefined()
    expect(upstream.requests[1]?.headers['traceparent']).toBeUndefined()
    await gateway.reload(config(upstream.url, 'observability {\naccess_log {\nFILE\n}\n}'))
    await gateway.request('/on-again')

    // Counts that nobody wanted for a while begin anew.
    await vi.waitFor(async () => expect(await requestsOf(gateway)).toBe(1))
    expect(await linesOf(gateway, 2)).toMatchObject([{ path: '/on' }, { path: '/on-again' }])
  })
})

function start(url: string, blocks: string): Promise<TestGateway> {
  return startGateway(config(url, blocks))
}

/** `FILE` stands for where the access log is written. */
function config(url: string, blocks: string): string {
  return `${blocks.replace('FILE', `output = "${join(folder, 'access.log')}"`)}
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule    = "!Host(\`nobody.test\`)"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
  `
}

async function textOf({ gateway }: TestGateway): Promise<string> {
  return (await metricsOf(gateway)?.text()) ?? ''
}

async function requestsOf(gateway: TestGateway): Promise<number> {
  return Number(/^gateway_requests_total (\d+)$/m.exec(await textOf(gateway))?.[1])
}

/** Once there are so many. */
function linesOf({ gateway }: TestGateway, count: number): Promise<unknown[]> {
  return vi.waitFor(async () => {
    accessLogOf(gateway)?.flush()
    const lines = (await readFile(join(folder, 'access.log'), 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(count)
    return lines.map((line): unknown => JSON.parse(line))
  })
}
