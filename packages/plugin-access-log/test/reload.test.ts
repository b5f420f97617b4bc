import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  chunked,
  hang,
  type Reply,
  reply,
  requestBytes,
  startGateway,
  startUpstream,
  switching,
  type TestGateway,
} from '@gatewright/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { accessLogOf } from '../src/index.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatewright-access-log-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a reload that changes the access log', () => {
  it.each([
    ['another file', logTo('a'), logTo('b')],
    ['another format', logTo('a'), logTo('b', 'format = "combined"')],
    ['another block', logTo('a'), observing('b')],
    ['another block, the other way round', observing('a'), logTo('b')],
  ])('has a response that is under way told in the new log: %s', async (_, before, after) => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream(heldAt(gate.promise))
    await using gateway = await start(upstream.url, before)
    using client = await gateway.connect()
    await client.send(requestBytes('GET', '/held', 'a.test'))
    await client.readUntil('first')

    await gateway.reload(config(upstream.url, after))
    await retired(gateway)
    gate.resolve()
    await client.readUntil('\r\n0\r\n\r\n')

    await told(gateway, ['b'], 1)
    expect(await linesOf('a')).toEqual([])
    expect(await linesOf('b')).toEqual([expect.stringContaining('/held')])
  })

  it('has a response that it asks to end told in the log that it began with', async () => {
    const gate = Promise.withResolvers<void>()
    await using upstream = await startUpstream(heldAt(gate.promise))
    await using gateway = await start(upstream.url, logTo('a'))
    using client = await gateway.connect()
    await client.send(requestBytes('GET', '/held', 'a.test'))
    await client.readUntil('first')

    await gateway.reload(config(upstream.url, logTo('b'), 'PathPrefix(`/`) && Method(`GET`)'))
    gate.resolve()
    await client.readUntil('\r\n0\r\n\r\n')
    await gateway.close()

    await told(gateway, ['a', 'b'], 1)
    expect(await linesOf('a')).toHaveLength(1)
  })

  it('has a connection without requests told once it is over', async () => {
    await using upstream = await startUpstream(switching('none'))
    const { port } = new URL(upstream.url)
    const tcp = `
      entrypoints "tcp" {
        address  = "127.0.0.1:0"
        protocol = "tcp"
      }
      routers "tcp" {
        entrypoints = ["tcp"]
        rule        = "HostSNI(\`*\`)"
        service     = "tcp"
      }
      services "tcp" {
        load_balancer {
          servers = [{ url = "tcp://127.0.0.1:${port}" }]
        }
      }`
    await using gateway = await start(upstream.url, logTo('a') + tcp)
    using client = await gateway.connect('tcp')
    await client.send(requestBytes('GET', '/', 'a.test'))
    await client.readHead()

    await gateway.reload(config(upstream.url, logTo('b') + tcp))
    await gateway.reload(config(upstream.url, logTo('c') + tcp))
    await retired(gateway)
    client.reset()

    await told(gateway, ['a', 'b', 'c'], 1)
    expect(await linesOf('c')).toEqual([expect.stringContaining('"proto":"TCP"')])
  })

  it('loses no line however often it comes, and tells none twice', async () => {
    const gates: PromiseWithResolvers<void>[] = []
    await using upstream = await startUpstream((request) =>
      request.target.startsWith('/held') ? heldAt(gates.at(-1)?.promise) : reply(200),
    )
    await using gateway = await start(upstream.url, logTo('a'))
    using held = await gateway.connect()
    using quick = await gateway.connect()

    for (const name of ['b', 'a', 'b', 'a', 'b', 'a', 'b', 'a', 'b', 'a']) {
      const gate = Promise.withResolvers<void>()
      gates.push(gate)
      await held.send(requestBytes('GET', `/held/${gates.length}`, 'a.test'))
      await held.readUntil('first')
      await quick.send(requestBytes('GET', `/quick/${gates.length}`, 'a.test'))
      await quick.readResponse()
      await gateway.reload(config(upstream.url, logTo(name)))
      gate.resolve()
      await held.readUntil('\r\n0\r\n\r\n')
    }

    const lines = await told(gateway, ['a', 'b'], 20)
    const paths = lines.map((line) => /"path":"([^"]+)"/.exec(line)?.[1])
    expect(new Set(paths).size).toBe(20)
  })
})

describe('a gateway that stops', () => {
  it('tells of what it breaks off', async () => {
    await using upstream = await startUpstream([heldAt(new Promise(() => undefined)), hang()])
    const hurried = `shutdown_timeout_secs = 1\n${logTo('a')}`
    await using gateway = await start(upstream.url, hurried)
    using held = await gateway.connect()
    await held.send(requestBytes('GET', '/held', 'a.test'))
    await held.readUntil('first')
    using waiting = await gateway.connect()
    await waiting.send(requestBytes('GET', '/waiting', 'a.test'))
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(2))

    await gateway.close()

    await told(gateway, ['a'], 2)
  })
})

function logTo(name: string, rest = ''): string {
  return `access_log {\noutput = "${name}.log"\n${rest}\n}`
}

function observing(name: string): string {
  return `observability {\n${logTo(name)}\n}`
}

function start(url: string, log: string): Promise<TestGateway> {
  return startGateway(config(url, log), { baseDir: folder })
}

function config(url: string, log: string, rule = 'PathPrefix(`/`)'): string {
  return `
    ${log}
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "all" {
      rule    = "${rule}"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "${url}" }]
      }
    }
  `
}

/** The rest of it comes once the gate is open. */
function heldAt(gate: Promise<void> | undefined): Reply {
  return chunked(200, {}, async function* () {
    yield 'first'
    await gate
    yield 'last'
  })
}

/** Until the configurations before the active one are gone. */
async function retired({ gateway }: TestGateway): Promise<void> {
  await vi.waitFor(() => expect(gateway.liveSnapshots).toBe(1))
}

/** All lines of these logs, once there are so many. */
function told({ gateway }: TestGateway, names: readonly string[], count: number) {
  return vi.waitFor(async () => {
    accessLogOf(gateway)?.flush()
    const lines = (await Promise.all(names.map((name) => linesOf(name)))).flat()
    expect(lines).toHaveLength(count)
    return lines
  })
}

async function linesOf(name: string): Promise<string[]> {
  const text = await readFile(join(folder, `${name}.log`), 'utf8').catch(() => '')
  return text.split('\n').filter((line) => line !== '')
}
