import { startGateway } from '@gatewright/testing'
import { describe, expect, it, vi } from 'vitest'
import { Random } from '../random.ts'
import { latePlugin } from './late-middleware.ts'
import { PatternClient } from './pattern-client.ts'
import { PatternUpstream } from './pattern-upstream.ts'
import { Run } from './run.ts'

// GATEWRIGHT_LONG=1 does a million; GATEWRIGHT_SEED and GATEWRIGHT_EXCHANGES choose another run.
const long = process.env['GATEWRIGHT_LONG'] === '1'
const total = Number(process.env['GATEWRIGHT_EXCHANGES'] ?? (long ? 1_000_000 : 20_000))
const seed = Number(process.env['GATEWRIGHT_SEED'] ?? 1)
const clients = 48
const timeout = long ? 3_600_000 : 120_000

describe(`${total} exchanges of ${clients} clients at once`, () => {
  it('see no byte of each other, whatever is split, stalled or broken off', {
    timeout,
  }, async () => {
    const run = new Run(seed, total)
    await using first = new PatternUpstream(run)
    await using second = new PatternUpstream(run)
    await using third = new PatternUpstream(run)
    const upstreams = [first, second, third]
    const urls = await Promise.all(upstreams.map((upstream) => upstream.listen()))
    const gateway = await startGateway(config(urls), {
      plugins: [latePlugin(run)],
      // Stalls are counted in turns, which take long on a busy machine.
      pendingTimeoutMs: 100_000,
    })
    const port = gateway.port()
    const begun = performance.now()

    await Promise.all(Array.from({ length: clients }, (_, index) => keepVisiting(index)))

    const seconds = (performance.now() - begun) / 1000
    expect(run.problems).toEqual([])
    await vi.waitFor(() => expect(gateway.gateway.exchanges).toBe(0), { timeout: 10_000 })
    // Throws if connections, exchanges or counts of endpoints are left over.
    await gateway.close()
    await vi.waitFor(() => expect(upstreams.map(({ sockets }) => sockets.size)).toEqual([0, 0, 0]))
    expect(run.problems).toEqual([])
    expect(run.whole + run.broken + run.refused).toBe(total)
    expect(run.whole).toBeGreaterThan(total * 0.7)
    expect(run.refused).toBeLessThan(total * 0.15)
    if (long) report(run, seconds)

    async function keepVisiting(index: number): Promise<void> {
      const random = new Random(seed * clients + index)
      while (run.left > 0) await new PatternClient(port, run, random).closed
    }
  })
})

function report({ whole, broken, refused, bytes }: Run, seconds: number): void {
  const rate = Math.round(total / seconds)
  const mebibytes = Math.round(bytes / 2 ** 20)
  process.stdout.write(
    `seed ${seed}: ${whole} whole, ${broken} broken off, ${refused} refused; ` +
      `${mebibytes} MiB looked at; ${rate} exchanges/s in ${Math.round(seconds)} s\n`,
  )
}

function config(urls: readonly string[]): Record<string, unknown> {
  const servers = urls.map((url) => ({ url }))
  return {
    shutdown_timeout_secs: 1,
    entrypoints: { web: { address: '127.0.0.1:0' } },
    routers: {
      plain: route('plain', 'app'),
      later: route('later', 'app', ['late']),
      retry: route('retry', 'app', ['again']),
      shared: route('shared', 'shared'),
    },
    middlewares: {
      late: { type: 'late' },
      again: { type: 'retry', max_retries: 2, retry_interval_ms: 0, budget_percent: 100 },
    },
    services: {
      app: { load_balancer: { servers } },
      shared: { load_balancer: { servers, pipeline: true } },
    },
  }
}

function route(
  name: string,
  service: string,
  middlewares: readonly string[] = [],
): Record<string, unknown> {
  return { rule: `PathPrefix(\`/${name}/\`)`, service, middlewares }
}
