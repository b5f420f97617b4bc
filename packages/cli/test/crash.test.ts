import { hang, request, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { Cli, createFolder, runCli } from './cli.ts'

describe('an error that nobody caught', () => {
  it.each([
    { how: 'throw error', kind: 'uncaught exception' },
    { how: 'Promise.reject(error)', kind: 'unhandled rejection' },
  ])('is logged, and ends the process with 1: $how', async ({ how, kind }) => {
    await using folder = await createFolder({ 'gateway.hcl': configuration, 'bad.js': stray(how) })

    const { code, stdout } = await runCli([], { cwd: folder.path })

    expect(code).toBe(1)
    const lines = stdout.trimEnd().split('\n')
    const fatal = lines.find((line) => line.includes('something failed that nobody caught'))
    expect(JSON.parse(fatal ?? '')).toMatchObject({ level: 60, kind, err: { message: 'stray' } })
    expect(lines.at(-1)).toContain('"stopped"')
  })

  it('lets requests end first, unless a signal says otherwise', async () => {
    await using upstream = await startUpstream(hang(), { strict: false })
    const files = { 'gateway.hcl': routed(upstream.url), 'bad.js': onRequest }
    await using folder = await createFolder(files)
    await using cli = new Cli([], { cwd: folder.path })
    const response = request(await cli.url()).catch(() => 'lost')
    await upstream.nextHead()
    await cli.line('draining; a signal ends it at once')

    cli.kill('SIGTERM')

    expect(await cli.ended).toMatchObject({ code: 143 })
    expect(await response).toBe('lost')
  })
})

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

function stray(how: string): string {
  return `
const error = new Error('stray')
export default {
  name: 'bad',
  setup(gateway) {
    gateway.hooks.activate.tap('bad', () => setTimeout(() => { ${how} }, 20))
  },
}
`
}

const onRequest = `
export default {
  name: 'bad',
  setup(gateway) {
    gateway.hooks.upstream.tap('bad', () => {
      setTimeout(() => { throw new Error('stray') }, 20)
    })
  },
}
`
