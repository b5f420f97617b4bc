import { hang, reply, request, startUpstream } from '@gatewright/testing'
import { describe, expect, it } from 'vitest'
import { Cli, createFolder } from './cli.ts'

describe('SIGINT and SIGTERM', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s lets requests end, then exits with 0',
    async (signal) => {
      const release = Promise.withResolvers<void>()
      await using upstream = await startUpstream(async () => {
        await release.promise
        return reply(200, {}, 'late')
      })
      await using folder = await createFolder({ 'gateway.hcl': configuration(upstream.url) })
      await using cli = new Cli([], { cwd: folder.path })
      const response = request(await cli.url())
      await upstream.nextHead()

      cli.kill(signal)
      const draining = await cli.line('draining; a second signal ends it at once')
      release.resolve()

      expect(draining).toMatchObject({ signal })
      expect(await response).toMatchObject({ status: 200, text: 'late' })
      await cli.line('stopped')
      expect(await cli.ended).toMatchObject({ code: 0, stderr: '' })
    },
  )

  it.each([
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
  ] as const)('a second one, $signal, exits with $code at once', async ({ signal, code }) => {
    await using upstream = await startUpstream(hang(), { strict: false })
    await using folder = await createFolder({ 'gateway.hcl': configuration(upstream.url) })
    await using cli = new Cli([], { cwd: folder.path })
    const response = request(await cli.url()).catch(() => 'lost')
    await upstream.nextHead()
    cli.kill('SIGTERM')
    await cli.line('draining; a second signal ends it at once')

    cli.kill(signal)

    expect(await cli.ended).toMatchObject({ code })
    expect(await response).toBe('lost')
  })
})

describe('SIGHUP', () => {
  it('applies the changed file and keeps the address of --listen', async () => {
    await using upstream = await startUpstream(reply(200))
    await using folder = await createFolder({ 'gateway.hcl': configuration(upstream.url) })
    await using cli = new Cli(['-l', '127.0.0.1:0'], { cwd: folder.path })
    const url = await cli.url()
    await folder.write('gateway.hcl', configuration(upstream.url, '/new'))

    cli.kill('SIGHUP')

    expect(await cli.line('configuration reloaded')).toMatchObject({
      level: 30,
      version: 2,
      hash: expect.stringMatching(/^[0-9a-f]{16}$/),
      changed: { routers: { updated: ['all'] } },
      drained: ['all'],
      tookMs: expect.any(Number),
    })
    expect(await request(`${url}/old`)).toMatchObject({ status: 404 })
    expect(await request(`${url}/new`)).toMatchObject({ status: 200 })
  })

  it('does nothing if the file says what it said before, and says so', async () => {
    await using folder = await createFolder({ 'gateway.hcl': configuration('http://127.0.0.1:1') })
    await using cli = new Cli([], { cwd: folder.path })
    await cli.url()
    await folder.write('gateway.hcl', `# Only a comment.\n${configuration('http://127.0.0.1:1')}`)

    cli.kill('SIGHUP')
    const unchanged = await cli.line('configuration unchanged')

    expect(unchanged).toMatchObject({ level: 30, version: 1 })
    expect(unchanged).not.toHaveProperty('changed')
  })

  it('warns if the file is empty, so that nothing listens any more', async () => {
    await using folder = await createFolder({ 'gateway.hcl': configuration('http://127.0.0.1:1') })
    await using cli = new Cli([], { cwd: folder.path })
    await cli.url()
    await folder.write('gateway.hcl', '')

    cli.kill('SIGHUP')

    expect(await cli.line('configuration reloaded')).toMatchObject({
      level: 40,
      changed: {
        entrypoints: { removed: ['web'] },
        routers: { removed: ['all'] },
        services: { removed: ['app'] },
      },
      drained: ['all'],
      warnings: ['nothing listens: there is no entrypoint'],
    })
  })

  it('keeps what runs if the file is wrong, names every problem, and takes the next one', async () => {
    await using upstream = await startUpstream(reply(200))
    await using folder = await createFolder({ 'gateway.hcl': configuration(upstream.url) })
    await using cli = new Cli([], { cwd: folder.path })
    const url = await cli.url()
    const bad = 'routers "a" {\n  rul = "Path(`/`)"\n  service = "b"\n  priority = "high"\n}\n'
    await folder.write('gateway.hcl', bad)

    cli.kill('SIGHUP')
    const problems = [
      await cli.line('problem in the configuration'),
      await cli.line('problem in the configuration'),
    ]
    const refused = await cli.line('reload refused; the running configuration stays')
    const during = await request(`${url}/still`)
    await folder.write('gateway.hcl', configuration(upstream.url, '/again'))
    cli.kill('SIGHUP')
    await cli.line('configuration reloaded')
    const after = await request(`${url}/again`)

    expect(problems).toMatchObject([
      {
        level: 50,
        at: 'gateway.hcl:2:3',
        code: 'GW_CONFIG_UNKNOWN_KEY',
        path: 'routers "a" / rul',
      },
      { level: 50, at: 'gateway.hcl:4:14', code: 'GW_CONFIG_TYPE', path: 'routers "a" / priority' },
    ])
    expect(refused).toMatchObject({ level: 50, problem: 'Validation error: 2 problems' })
    expect([during.status, after.status]).toEqual([200, 200])
  })

  it('says where a new entrypoint listens', async () => {
    await using folder = await createFolder({ 'gateway.hcl': entrypoint('web') })
    await using cli = new Cli([], { cwd: folder.path })
    const url = await cli.url()
    await folder.write('gateway.hcl', entrypoint('web') + entrypoint('more'))

    cli.kill('SIGHUP')
    const listening = await cli.line('listening')

    expect(listening).toMatchObject({ entrypoint: 'more' })
    for (const each of [url, `http://${String(listening['address'])}`]) {
      expect(await request(each)).toMatchObject({ status: 404 })
    }
  })
})

function entrypoint(name: string): string {
  return `entrypoints "${name}" {\n  address = "127.0.0.1:0"\n}\n`
}

function configuration(server: string, prefix = '/'): string {
  return `${entrypoint('web')}
routers "all" {
  rule    = "PathPrefix(\`${prefix}\`)"
  service = "app"
}
services "app" {
  load_balancer {
    servers = [{ url = "${server}" }]
  }
}
`
}
