import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { reply, request, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { readVersion } from '../src/version.ts'
import { Cli, createFolder, runCli } from './cli.ts'

describe('start', () => {
  it('serves the smallest useful configuration', async () => {
    await using upstream = await startUpstream(reply(200, {}, 'from the service'))
    const minimal = `
entrypoints "web" {
  address = "0.0.0.0:8080"
}

routers "api" {
  rule    = "PathPrefix(\`/api\`)"
  service = "api"
}

services "api" {
  load_balancer {
    strategy = "round-robin"
    servers  = [{ url = "http://127.0.0.1:8001" }]
  }
}
`
    const local = minimal
      .replace('0.0.0.0:8080', '127.0.0.1:0')
      .replace('http://127.0.0.1:8001', upstream.url)
    await using folder = await createFolder({ 'gateway.hcl': local })

    await using cli = new Cli([], { cwd: folder.path })
    const url = await cli.url()
    const found = await request(`${url}/api/users`)
    const missing = await request(`${url}/`)
    cli.kill('SIGTERM')
    const ending = await cli.ended

    expect(found).toMatchObject({ status: 200, text: 'from the service' })
    expect(missing.json()).toMatchObject({ code: 'GW_NO_ROUTE', error: 'No route matched' })
    expect(ending).toMatchObject({ code: 0, stderr: '' })
  })

  it('says what it runs, from which file, how long loading took, and where it listens', async () => {
    await using folder = await createFolder({ 'edge.hcl': configuration() })

    await using cli = new Cli(['start', '-c', 'edge.hcl'], { cwd: folder.path })

    expect(await cli.line('starting')).toMatchObject({
      version: readVersion(),
      config: 'edge.hcl',
    })
    expect(await cli.line('configuration loaded')).toMatchObject({
      version: 1,
      routers: 0,
      services: 0,
      tookMs: expect.any(Number),
    })
    expect(await cli.line('listening')).toMatchObject({
      entrypoint: 'web',
      address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    })
    await cli.line('ready')
  })

  it('answers 404 to everything without a file, and warns about it', async () => {
    await using folder = await createFolder()

    await using cli = new Cli(['--listen', '127.0.0.1:0'], { cwd: folder.path })

    const warning = await cli.line('no configuration file; every request is answered with 404')
    expect(warning).toMatchObject({ level: 40, config: 'gateway.hcl' })
    expect(await request(await cli.url())).toMatchObject({ status: 404 })
  })

  it('refuses to start without a file that was named', async () => {
    const ending = await runCli(['--config', 'missing.hcl', '--log-level', 'error'])

    expect(ending).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: '✗ Config file not found: missing.hcl\n',
    })
  })

  it('adds the entrypoint of --listen to those of the file', async () => {
    const other = 'entrypoints "other" {\n  address = "127.0.0.1:0"\n}\n'
    await using folder = await createFolder({ 'gateway.hcl': other })

    await using cli = new Cli(['-l', '127.0.0.1:0'], { cwd: folder.path })

    expect(await cli.line('listening')).toMatchObject({ entrypoint: 'other' })
    expect(await cli.line('listening')).toMatchObject({ entrypoint: 'web' })
  })

  it('keeps the rest of the entrypoint whose address --listen replaces', async () => {
    const text =
      'entrypoints "web" {\n  address = "127.0.0.1:1"\n  http { max_target_bytes = 64 }\n}'
    await using folder = await createFolder({ 'gateway.hcl': text })

    await using cli = new Cli(['-l', '127.0.0.1:0'], { cwd: folder.path })

    const response = await request(`${await cli.url()}/${'x'.repeat(100)}`)
    expect(response.status).toBe(414)
  })

  it.each([
    { flags: [], env: { GATEWRIGHT_LOG: 'warn' }, levels: [40] },
    { flags: ['--log-level', 'info'], env: { GATEWRIGHT_LOG: 'error' }, levels: [30, 40] },
  ])('logs what $flags and $env ask for', async ({ flags, env, levels }) => {
    await using folder = await createFolder({ 'gateway.hcl': '' })

    await using cli = new Cli(flags, { cwd: folder.path, env })
    await cli.line('nothing listens: there is no entrypoint')
    cli.kill('SIGINT')
    const { code, stdout } = await cli.ended

    expect(code).toBe(0)
    expect(new Set(levelsOf(stdout))).toEqual(new Set(levels))
  })

  it('tells which address is taken and how to choose another', async () => {
    await using taken = await takePort()
    const address = `127.0.0.1:${taken.port}`
    await using folder = await createFolder({ 'gateway.hcl': configuration(address) })

    const ending = await runCli([], { cwd: folder.path })

    expect(ending.code).toBe(3)
    expect(ending.stderr).toMatch(
      `✗ entrypoint "web" cannot listen on ${address}: the address is in use\n  hint: `,
    )
    expect(ending.stderr).toContain('--listen')
  })

  it('reports a taken address as JSON', async () => {
    await using taken = await takePort()

    const args = ['--json', '--listen', `127.0.0.1:${taken.port}`]
    await using folder = await createFolder()
    const { code, stderr } = await runCli(args, { cwd: folder.path })

    expect(code).toBe(3)
    expect(JSON.parse(stderr)).toMatchObject([{ severity: 'error', code: 'GW_ADDRESS_IN_USE' }])
  })

  it('exits with 3 for an address that this machine does not have', async () => {
    await using folder = await createFolder()

    const { code, stderr } = await runCli(['-l', '192.0.2.1:0'], { cwd: folder.path })

    expect(code).toBe(3)
    expect(stderr).toContain('cannot listen on 192.0.2.1:0')
  })

  it('refuses a configuration with every problem, its place, and what was probably meant', async () => {
    const text = 'entrypoints "web" {\n  adress = "127.0.0.1:0"\n}\nrouter "a" {\n  rul = "x"\n}\n'
    await using folder = await createFolder({ 'gateway.hcl': text })

    const plain = await runCli([], { cwd: folder.path })
    const json = await runCli(['--json'], { cwd: folder.path })

    const [title, ...lines] = plain.stderr.trimEnd().split('\n')
    expect(plain.code).toBe(1)
    expect(title).toBe(`✗ Validation error: ${lines.length} problems`)
    expect(lines).toContain(
      'gateway.hcl:2:3: error GW_CONFIG_UNKNOWN_KEY entrypoints "web" / adress: ' +
        'unknown key "adress"; did you mean "address"?',
    )
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stderr)).toContainEqual({
      severity: 'error',
      code: 'GW_CONFIG_UNKNOWN_KEY',
      message: 'unknown key "rul"; did you mean "rule"?',
      path: ['routers', 'a', 'rul'],
      file: 'gateway.hcl',
      line: 5,
      column: 3,
      endLine: 5,
      endColumn: 6,
      suggestion: 'rule',
    })
  })
})

function configuration(address = '127.0.0.1:0'): string {
  return `entrypoints "web" {\n  address = "${address}"\n}\n`
}

function levelsOf(stdout: string): unknown[] {
  const lines = stdout.trimEnd().split('\n')
  // Each is a line of the log.
  return lines.map((line) => (JSON.parse(line) as { level: unknown }).level)
}

async function takePort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    // Bound to a TCP port, so it has an AddressInfo.
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
