import { hang, request, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { Cli, createFolder } from './cli.ts'

describe("an error that nobody caught, and that is nobody's", () => {
  it.each([
    { how: 'throw error', kind: 'uncaught exception' },
    { how: 'Promise.reject(error)', kind: 'unhandled rejection' },
  ])('is logged, and ends the process with 1: $how', async ({ how, kind }) => {
    await using upstream = await startUpstream(hang(), { strict: false })
    const files = { 'gateway.hcl': routed(upstream.url), 'bad.js': onRequest(how) }
    await using folder = await createFolder(files)
    await using cli = new Cli([], { cwd: folder.path })
    const response = request(await cli.url()).catch(() => 'lost')
    await upstream.nextHead()
    await cli.line('draining; a signal ends it at once')
    cli.kill('SIGTERM')

    const { stdout } = await cli.ended
    await response

    const lines = stdout.trimEnd().split('\n')
    const fatal = lines.find((line) => line.includes('something failed that nobody caught'))
    expect(JSON.parse(fatal ?? '')).toMatchObject({ level: 60, kind, err: { message: 'stray' } })
  })

  it('lets requests end first, unless a signal says otherwise', async () => {
    await using upstream = await startUpstream(hang(), { strict: false })
    const files = { 'gateway.hcl': routed(upstream.url), 'bad.js': onRequest('throw error') }
    await using folder = await createFolder(files)
    await using cli = new Cli([], { cwd: folder.path })
    const response = request(await cli.url()).catch(() => 'lost')
    await upstream.nextHead()
    await cli.line('draining; a signal ends it at once')

    cli.kill('SIGTERM')

    expect(await cli.ended).toMatchObject({ code: 143 })
    expect(await response).toBe('lost')
  })

  it('ends the process with 1 if there is nothing to wait for', async () => {
    const files = {
      'gateway.hcl': routed('http://127.0.0.1:1'),
      'bad.js': onRequest('throw error'),
    }
    await using folder = await createFolder(files)
    await using cli = new Cli([], { cwd: folder.path })
    const response = request(await cli.url()).catch(() => 'lost')

    const { code, stdout } = await cli.ended
    await response

    expect(code).toBe(1)
    expect(stdout.trimEnd().split('\n').at(-1)).toContain('"stopped"')
  })
})

describe('an error that a plugin lets go', () => {
  it('is told with the name of the plugin, and costs nobody anything', async () => {
    const files = { 'gateway.hcl': routed('http://127.0.0.1:1'), 'bad.js': chaos }
    await using folder = await createFolder(files)
    await using cli = new Cli([], { cwd: folder.path })
    const url = await cli.url()
    const told: unknown[] = []
    for (const kind of [
      'timer',
      'tick',
      'immediate',
      'microtask',
      'rejection',
      'emitter',
      'text',
    ]) {
      // What answers is the upstream that there is not.
      expect((await request(`${url}/${kind}`)).status).toBe(502)
      told.push(await cli.line(stray(kind)))
    }
    await request(`${url}/socket`)
    told.push(await cli.line(stray('connect ECONNREFUSED 127.0.0.1:1')))
    await request(`${url}/exit`)
    const exit =
      'plugin "chaos" called process.exit; whether the process ends is not for a plugin to say'
    told.push(await cli.line(stray(exit)))
    cli.kill('SIGTERM')

    expect(await cli.ended).toMatchObject({ code: 0 })
    const named = { level: 50, plugin: 'chaos', code: 'GW_PLUGIN_STRAY_ERROR' }
    expect(told).toEqual(told.map(() => expect.objectContaining(named)))
  })
})

function stray(problem: string): string {
  return `plugin "chaos" let an error go that nobody caught: ${problem}`
}

const configuration = `
plugins "bad" {
  source = "./bad.js"
}
entrypoints "web" {
  address = "127.0.0.1:0"
}
`

function routed(server: string): string {
  return `${configuration}
routers "all" {
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

/** Nothing tells whose the error is: nobody is on its stack, and it happens for an exchange. */
function onRequest(how: string): string {
  return `
const error = new Error('stray')
error.stack = 'Error: stray'
export default {
  name: 'bad',
  setup(gateway) {
    gateway.hooks.upstream.tap('bad', () => {
      setTimeout(() => { ${how} }, 20)
    })
  },
}
`
}

const chaos = `
import { EventEmitter } from 'node:events'
import { connect } from 'node:net'

const ways = {
  timer: () => setTimeout(() => { throw new Error('timer') }),
  tick: () => process.nextTick(() => { throw new Error('tick') }),
  immediate: () => setImmediate(() => { throw new Error('immediate') }),
  microtask: () => queueMicrotask(() => { throw new Error('microtask') }),
  rejection: () => void Promise.reject(new Error('rejection')),
  emitter: () => setTimeout(() => new EventEmitter().emit('error', new Error('emitter'))),
  exit: () => setTimeout(() => process.exit(7)),
}

export default {
  name: 'chaos',
  setup(gateway) {
    // Neither has the plugin on its stack; but it was started for the plugin, and for no exchange.
    let asked = ''
    gateway.hooks.activate.tap('chaos', () => {
      const poll = setInterval(() => {
        const what = asked
        asked = ''
        if (what === 'socket') connect(1, '127.0.0.1')
        if (what === 'text') throw 'text'
      }, 5)
      poll.unref()
    })
    gateway.hooks.request.tap('chaos', (ctx) => {
      const way = ctx.request.path.slice(1)
      if (way in ways) ways[way]()
      else asked = way
    })
  },
}
`
