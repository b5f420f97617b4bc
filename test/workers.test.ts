import { once } from 'node:events'
import { createServer } from 'node:net'
import { connect, hang, type RawClient, reply, request, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { RunningCli } from './support/cli.ts'
import { Load } from './support/load.ts'

const get = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'

describe('several workers', { timeout: 120_000 }, () => {
  it('are processes that share one address, which the log names once', async () => {
    await using upstream = await startUpstream()
    await using cli = startCli(configuration(upstream.url, { workers: 3 }))
    const port = await readyPort(cli)

    const pids = await answeringPids(port, 3)

    expect(pids.size).toBe(3)
    expect(pids).not.toContain(cli.pid)
    expect(cli.lines.filter(({ msg }) => msg === 'listening')).toHaveLength(1)
    expect(await cli.line('ready')).toMatchObject({ workers: 3, pid: cli.pid })
  })

  it('lose nothing when SIGUSR2 rolls them under load', async () => {
    await using upstream = await startUpstream()
    await using cli = startCli(configuration(upstream.url))
    const port = await readyPort(cli)
    const before = await answeringPids(port, 2)
    await using load = new Load(port)

    for (let turn = 1; turn <= 2; turn++) {
      await load.answers(100)
      cli.signal('SIGUSR2')
      await cli.line('workers rolled', turn)
    }
    await load.stop()
    const after = await answeringPids(port, 2)

    expect(load.failures).toEqual(new Map())
    expect([...load.statuses.keys()]).toEqual([200])
    expect([...after].filter((pid) => before.has(pid))).toEqual([])
  })

  it('lose nothing when SIGHUP reloads them under load, and all have the new configuration', async () => {
    await using upstream = await startUpstream()
    await using cli = startCli(configuration(upstream.url))
    const port = await readyPort(cli)
    const pids = await answeringPids(port, 2)
    await using load = new Load(port)

    for (let turn = 1; turn <= 10; turn++) {
      await load.answers(50)
      cli.write(configuration(upstream.url, { prefix: `/${turn}` }))
      cli.signal('SIGHUP')
      await cli.line('configuration reloaded', turn)
    }
    await load.stop()

    expect(load.failures).toEqual(new Map())
    expect(load.statuses.get(200)).toBeGreaterThan(50)
    expect(await answeringPids(port, 2, '/10')).toEqual(pids)
    expect((await request(`http://127.0.0.1:${port}/9`)).status).toBe(404)
  })

  it('are replaced when they die, and the others go on', async () => {
    await using upstream = await startUpstream()
    await using cli = startCli(configuration(upstream.url))
    const port = await readyPort(cli)
    using kept = await connect(port)
    const survivor = await askPid(kept)
    const [victim = 0] = [...(await answeringPids(port, 2))].filter((pid) => pid !== survivor)
    await using load = new Load(port)
    await load.answers(100)

    process.kill(victim, 'SIGKILL')
    await cli.line('worker runs again')
    await load.answers(100)
    await load.stop()

    expect(await askPid(kept)).toBe(survivor)
    expect(await cli.line('worker ended unexpectedly')).toMatchObject({ signal: 'SIGKILL' })
    // Each client was on one connection at most.
    expect([...load.failures.values()].reduce((sum, count) => sum + count, 0)).toBeLessThan(20)
    expect(await answeringPids(port, 2)).not.toContain(victim)
  })

  it('are killed and replaced when they hang', async () => {
    await using upstream = await startUpstream()
    await using cli = startCli(configuration(upstream.url, { timeout: '3s' }))
    const port = await readyPort(cli)

    const lost = request(`http://127.0.0.1:${port}/hang`).catch(() => 'lost')
    const hung = await cli.line('worker hangs; killing it')
    await cli.line('worker runs again')

    expect(hung).toMatchObject({ level: 50, worker: expect.any(Number) })
    expect(hung['silentMs']).toBeGreaterThan(3000)
    expect(await lost).toBe('lost')
    expect(await answeringPids(port, 2)).not.toContain(hung['workerPid'])
  })

  it('keep what they run if one of them refuses a new configuration', async () => {
    await using upstream = await startUpstream()
    await using cli = startCli(configuration(upstream.url))
    const port = await readyPort(cli)
    const pids = await answeringPids(port, 2)

    cli.write(configuration(upstream.url, { prefix: '/new' }).replace('servers', 'server'))
    cli.signal('SIGHUP')
    const refused = await cli.line('reload refused')

    expect(refused).toMatchObject({ pid: cli.pid, code: 'GW_CONFIG_INVALID' })
    expect(JSON.stringify(await cli.line('problem in the configuration'))).toContain(
      'did you mean \\"servers\\"?',
    )
    expect(await answeringPids(port, 2, '/old')).toEqual(pids)
  })

  it('are rolled if a plugin got other options', async () => {
    await using upstream = await startUpstream()
    await using cli = startCli(configuration(upstream.url))
    const port = await readyPort(cli)
    const pids = await answeringPids(port, 2)

    cli.write(configuration(upstream.url, { mark: 'two' }))
    cli.signal('SIGHUP')
    const reloaded = await cli.line('configuration reloaded')
    const { headers } = await request(`http://127.0.0.1:${port}/`)

    expect(headers['x-mark']).toBe('two')
    expect(reloaded).toMatchObject({ changed: { sections: { updated: ['plugins.marker'] } } })
    expect([...(await answeringPids(port, 2))].filter((pid) => pids.has(pid))).toEqual([])
  })

  it('take an address that was in use once it is free', async () => {
    await using upstream = await startUpstream()
    await using cli = startCli(configuration(upstream.url))
    const port = await readyPort(cli)
    const other = await listen()
    const more = `entrypoints "more" {\n  address = "127.0.0.1:${other.port}"\n}`

    cli.write(`${configuration(upstream.url)}${more}`)
    cli.signal('SIGHUP')
    const refused = await cli.line('reload refused')
    const meanwhile = await answeringPids(port, 2)
    await other.close()
    cli.signal('SIGHUP')
    await cli.line('configuration reloaded')

    expect(refused).toMatchObject({ code: 'GW_ADDRESS_IN_USE' })
    expect(await answeringPids(port, 2)).toEqual(meanwhile)
    expect(await answeringPids(other.port, 2)).toEqual(meanwhile)
  })

  it('become more and fewer with a reload', async () => {
    await using upstream = await startUpstream()
    await using cli = startCli(configuration(upstream.url))
    const port = await readyPort(cli)

    cli.write(configuration(upstream.url, { workers: 3 }))
    cli.signal('SIGHUP')
    const more = await cli.line('configuration reloaded')
    const three = await answeringPids(port, 3)
    cli.write(configuration(upstream.url, { workers: 1 }))
    cli.signal('SIGHUP')
    const fewer = await cli.line('configuration reloaded', 2)

    expect([more, fewer]).toMatchObject([{ workers: 3 }, { workers: 1 }])
    const [last = 0] = await answeringPids(port, 1)
    expect(three).not.toContain(last)
  })
})

describe('the end of several workers', { timeout: 120_000 }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('lets requests end on %s', async (signal) => {
    const answer = Promise.withResolvers<void>()
    await using upstream = await startUpstream(async () => {
      await answer.promise
      return reply(200)
    })
    await using cli = startCli(configuration(upstream.url))
    const port = await readyPort(cli)
    const response = request(`http://127.0.0.1:${port}/`)
    await upstream.nextHead()

    cli.signal(signal)
    await cli.line('draining')
    answer.resolve()

    expect((await response).status).toBe(200)
    await cli.closed
    expect(cli.exitCode).toBe(0)
    expect(cli.lines.at(-1)).toMatchObject({ msg: 'stopped', pid: cli.pid })
  })

  it('comes at once with a second signal', async () => {
    await using upstream = await startUpstream(hang(), { strict: false })
    await using cli = startCli(configuration(upstream.url))
    const port = await readyPort(cli)
    const response = request(`http://127.0.0.1:${port}/`).catch(() => 'lost')
    await upstream.nextHead()
    cli.signal('SIGTERM')
    await cli.line('draining')

    cli.signal('SIGTERM')
    await cli.closed

    expect(cli.exitCode).toBe(143)
    expect(await response).toBe('lost')
  })

  it('comes after that of their supervisor, with what goes on', async () => {
    const answer = Promise.withResolvers<void>()
    await using upstream = await startUpstream(async () => {
      await answer.promise
      return reply(200)
    })
    await using cli = startCli(configuration(upstream.url))
    const port = await readyPort(cli)
    const response = request(`http://127.0.0.1:${port}/`)
    await upstream.nextHead()

    cli.signal('SIGKILL')
    answer.resolve()

    expect((await response).status).toBe(200)
    await cli.closed
    expect(cli.lines.filter(({ msg }) => msg.startsWith('the supervisor is gone'))).toHaveLength(2)
  })
})

describe('one worker', () => {
  it('is the command itself; more of them need a restart, and a roll there is not', async () => {
    await using upstream = await startUpstream()
    await using cli = startCli(configuration(upstream.url, { workers: 1 }))
    const port = await readyPort(cli)

    cli.write(configuration(upstream.url, { workers: 2 }))
    cli.signal('SIGHUP')
    const reloaded = await cli.line('configuration reloaded')
    cli.signal('SIGUSR2')
    await cli.line('there is one worker')

    expect(reloaded).toMatchObject({ level: 40, warnings: ['"workers" needs a restart'] })
    expect([...(await answeringPids(port, 1))]).toEqual([cli.pid])
  })
})

/** Says who answered, and hangs on demand. */
const plugin = `
export default {
  name: 'marker',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['mark'],
    properties: { mark: { type: 'string', description: 'A mark.' } },
  },
  setup({ hooks }, { mark }) {
    hooks.request.tap('marker', (ctx) => {
      while (ctx.request.path === '/hang');
    })
    hooks.response.tap('marker', (_ctx, { headers }) => {
      headers.set('x-pid', String(process.pid))
      headers.set('x-mark', mark)
    })
  },
}
`

interface Choices {
  readonly workers?: number
  readonly prefix?: string
  readonly mark?: string
  readonly timeout?: string
}

/** Answers under the prefix, and on the path "/" at any rate. */
function configuration(
  url: string,
  { workers = 2, prefix = '/old', mark = 'one', timeout = '10s' }: Choices = {},
): string {
  return `
    workers        = ${workers}
    worker_timeout = "${timeout}"
    plugins "marker" {
      source = "./marker.js"
      config {
        mark = "${mark}"
      }
    }
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule    = "Path(\`/\`) || Path(\`/hang\`) || PathPrefix(\`${prefix}\`)"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
  `
}

function startCli(hcl: string): RunningCli {
  return new RunningCli(hcl, [], { 'marker.js': plugin })
}

async function readyPort(cli: RunningCli): Promise<number> {
  const { address } = await cli.line('listening')
  await cli.line('ready')
  return Number(String(address).split(':').at(-1))
}

/** Asks on new connections until so many processes have answered. */
async function answeringPids(port: number, count: number, path = '/'): Promise<Set<number>> {
  const pids = new Set<number>()
  while (pids.size < count) {
    const asked = Array.from({ length: 10 }, () => request(`http://127.0.0.1:${port}${path}`))
    for (const { status, headers } of await Promise.all(asked)) {
      expect(status).toBe(200)
      pids.add(Number(headers['x-pid']))
    }
  }
  return pids
}

async function listen(): Promise<{ readonly port: number; close(): Promise<unknown> }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, close: () => once(server.close(), 'close') }
}

async function askPid(client: RawClient): Promise<number> {
  await client.send(get)
  const { headers } = await client.readResponse()
  return Number(headers['x-pid'])
}
