import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { Cli, createFolder, type Ending, type Folder, runCli } from '../cli.ts'

describe('diff with the gateway that runs', { timeout: 60_000 }, () => {
  it('says what a reload would do, and the reload does that', async () => {
    await using folder = await createFolder({ 'gateway.hcl': configuration() })
    await using cli = await startIn(folder)
    await folder.write('gateway.hcl', changed())

    const told = await diff(folder)
    const json = await diff(folder, '--json')
    cli.kill('SIGHUP')
    const { changed: done, drained } = await cli.line('configuration reloaded')
    const after = await diff(folder)

    expect(told).toMatchObject({ code: 0, stderr: '' })
    expect(told.stdout.split('\n').slice(2)).toEqual([
      '+ entrypoints "more"',
      '- routers "old"',
      '~ routers "api"',
      '    rule: "PathPrefix(`/api`)" → "PathPrefix(`/v2`)"',
      '~ services "app"',
      '    - load_balancer.servers: {"url":"http://127.0.0.1:1","weight":1}',
      '    + load_balancer.servers: {"url":"http://127.0.0.1:2","weight":1}',
      '+ workers',
      '~ shutdown_timeout_secs',
      '    30 → 5',
      '',
      'Listeners: 1 opened, 0 closed, 1 kept',
      '  + more http 127.0.0.1:0',
      'Draining: requests under way to api, old have 5 s to end',
      '! "workers" needs a restart',
      '',
    ])
    expect(JSON.parse(json.stdout)).toMatchObject({ from: { version: 1 }, changed: done, drained })
    expect(after.stdout.split('\n').slice(2)).toEqual([
      'Nothing would change.',
      '! "workers" needs a restart',
      '',
    ])
    expect(after.stdout).toContain('version 2')
  })

  it('asks the workers if there are several', async () => {
    const several = `workers = 2\n${configuration()}`
    await using folder = await createFolder({ 'gateway.hcl': several })
    await using cli = await startIn(folder)

    const same = await diff(folder)
    await folder.write('gateway.hcl', several.replace('/api', '/v2'))
    const other = await diff(folder, '--exit-code')
    await folder.write('gateway.hcl', several.replace('= 2', '= 1'))
    const fewer = await diff(folder)
    cli.kill('SIGTERM')

    expect(same.stdout).toContain('Nothing would change.')
    expect(other).toMatchObject({ code: 4, stdout: expect.stringContaining('~ routers "api"\n') })
    expect(fewer.stdout).toContain('! the workers are replaced one by one')
    expect(await cli.ended).toMatchObject({ code: 0 })
  })

  it('keeps the address of --listen out of it', async () => {
    await using folder = await createFolder({ 'gateway.hcl': configuration() })
    await using cli = await startIn(folder, '-l', '127.0.0.1:0')

    const { stdout } = await diff(folder)

    expect(stdout).toContain(`process ${cli.pid}`)
    expect(stdout).toContain('Nothing would change.')
  })

  it('tells no secret to anybody, and still that it is another one', async () => {
    const secret = `${configuration()}
      middlewares "key" {
        type = "api-key"
        keys = ["\${env.KEY}"]
      }`
    await using folder = await createFolder({ 'gateway.hcl': secret })
    await using cli = new Cli([], {
      cwd: folder.path,
      env: { KEY: 'swordfish', ...runtime(folder) },
    })
    await cli.url()

    const same = await diffWith({ KEY: 'swordfish' }, folder)
    const other = await diffWith({ KEY: 'trout' }, folder)
    const json = await diffWith({ KEY: 'trout' }, folder, '--json')
    const unset = await diff(folder)
    const allowed = await diff(folder, '--allow-missing-env', '--exit-code')

    expect(same.stdout).toContain('Nothing would change.')
    expect(other.stdout).toContain('~ middlewares "key"\n    keys: another secret\n')
    expect(json.stdout).toContain('[redacted]')
    expect(unset).toMatchObject({ code: 1, stderr: expect.stringContaining('"KEY"') })
    expect(allowed).toMatchObject({ code: 0, stdout: expect.stringContaining('not checked: KEY') })
    const said = await saidBy(folder, cli.pid)
    expect(await folder.modeOf('run')).toBe('700')
    expect(await folder.modeOf(`run/${cli.pid}.sock`)).toBe('600')
    expect(JSON.parse(said)).toMatchObject({ running: { version: 1 } })
    expect([said, other.stdout, json.stdout].join()).not.toMatch(/swordfish|trout/)
  })

  it('refuses a wrong configuration as validate does', async () => {
    await using folder = await createFolder({ 'gateway.hcl': configuration() })
    await using cli = await startIn(folder)
    await folder.write('new.hcl', configuration().replace('rule', 'rul'))

    const args = ['-c', 'new.hcl', '--pid', String(cli.pid)]
    const { code, stdout, stderr } = await diff(folder, ...args)

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('error GW_CONFIG_UNKNOWN_KEY routers "old" / rul')
    expect(stderr).toContain('new.hcl:')
  })

  it('takes the one with the same file if several run, or the one of --pid', async () => {
    await using folder = await createFolder({ 'a.hcl': configuration(), 'b.hcl': changed() })
    await using a = await startIn(folder, '-c', 'a.hcl')
    await using b = await startIn(folder, '-c', 'b.hcl')
    await folder.write('c.hcl', configuration())

    const named = await diff(folder, '-c', 'b.hcl')
    const unclear = await diff(folder, '-c', 'c.hcl')
    const chosen = await diff(folder, '-c', 'c.hcl', '--pid', String(a.pid))

    expect(named.stdout).toContain(`process ${b.pid}`)
    expect(unclear).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${a.pid} with ${join(folder.path, 'a.hcl')}`),
    })
    expect(chosen.stdout).toContain('Nothing would change.')
  })

  it('finds none once it has ended, even if it was killed', async () => {
    await using folder = await createFolder({ 'gateway.hcl': configuration() })
    await using killed = await startIn(folder)
    killed.kill('SIGKILL')
    await killed.ended

    const none = await diff(folder)
    const nowhere = await diffWith({ GATEWRIGHT_RUNTIME_DIR: '' }, folder)

    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no running gateway of this user was found'),
    })
    expect(await folder.list('run')).toEqual([])
    expect(nowhere).toMatchObject({ code: 1 })
  })

  it('leaves no folder behind that nobody has asked for', async () => {
    await using folder = await createFolder({ 'gateway.hcl': configuration() })
    // Variables that are not there.
    const own = { GATEWRIGHT_RUNTIME_DIR: undefined, XDG_RUNTIME_DIR: undefined }
    const env = { ...own, TMPDIR: folder.path }
    await using cli = new Cli([], { cwd: folder.path, env })
    await cli.line('ready')

    const found = await diffWith(env, folder)
    cli.kill('SIGTERM')
    await cli.ended

    expect(found).toMatchObject({ code: 0 })
    expect(await folder.list('.')).toEqual(['gateway.hcl'])
  })

  it('uses no folder that others can write to', async () => {
    await using folder = await createFolder({ 'gateway.hcl': configuration() })
    await folder.open('run')
    const args = ['--log-level', 'debug']
    await using cli = new Cli(args, { cwd: folder.path, env: runtime(folder) })

    const line = await cli.line('other commands cannot ask what runs here')
    await cli.line('ready')
    const { code } = await diff(folder)

    expect(line).toMatchObject({ problem: 'others can write to the folder' })
    expect(code).toBe(1)
    expect(await folder.list('run')).toEqual([])
  })
})

describe('diff with another file', () => {
  it('needs no gateway', async () => {
    await using folder = await createFolder({ 'a.hcl': configuration(), 'b.hcl': changed() })

    const other = await diff(folder, '--from', 'a.hcl', '-c', 'b.hcl', '--exit-code')
    const same = await diff(folder, '--from', 'a.hcl', '-c', 'a.hcl', '--exit-code')

    expect(other).toMatchObject({ code: 4, stderr: '' })
    expect(other.stdout).toMatch(/^a\.hcl → b\.hcl\n\n\+ entrypoints "more"\n/)
    expect(same).toMatchObject({ code: 0, stdout: 'a.hcl → a.hcl\n\nNothing would change.\n' })
  })

  it.each([
    {
      args: ['--from', 'a.hcl', '--pid', '1'],
      says: "option '--pid' makes no sense with '--from'",
    },
    { args: ['--pid', 'one'], says: 'expected a process id, found "one"' },
  ])('refuses $args with 2', async ({ args, says }) => {
    await using folder = await createFolder()

    const { code, stderr } = await diff(folder, ...args)

    expect(code).toBe(2)
    expect(stderr).toContain(says)
  })

  it('says what is wrong with either of them', async () => {
    await using folder = await createFolder({ 'a.hcl': configuration(), 'b.hcl': 'colour = "red"' })

    const old = await diff(folder, '--from', 'b.hcl', '-c', 'a.hcl')
    const missing = await diff(folder, '--from', 'c.hcl', '-c', 'a.hcl', '--json')

    expect(old).toMatchObject({ code: 1, stderr: expect.stringContaining('b.hcl:1:1: error') })
    expect(JSON.parse(missing.stderr)).toMatchObject([{ message: 'Config file not found: c.hcl' }])
  })
})

function runtime(folder: Folder): Readonly<Record<string, string>> {
  return { GATEWRIGHT_RUNTIME_DIR: join(folder.path, 'run') }
}

async function startIn(folder: Folder, ...args: readonly string[]): Promise<Cli> {
  const cli = new Cli(args, { cwd: folder.path, env: runtime(folder) })
  await cli.line('ready')
  return cli
}

function diff(folder: Folder, ...args: readonly string[]): Promise<Ending> {
  return diffWith({}, folder, ...args)
}

function diffWith(
  env: NodeJS.ProcessEnv,
  folder: Folder,
  ...args: readonly string[]
): Promise<Ending> {
  return runCli(['diff', ...args], { cwd: folder.path, env: { ...runtime(folder), ...env } })
}

/** Everything that the socket of a gateway says. */
function saidBy(folder: Folder, pid: number): Promise<string> {
  const socket = connect(join(folder.path, 'run', `${pid}.sock`))
  socket.write('what\n')
  return text(socket)
}

function configuration(): string {
  return `
    entrypoints "web" {
      address = "127.0.0.1:0"
    }
    routers "old" {
      rule    = "PathPrefix(\`/old\`)"
      service = "app"
    }
    routers "api" {
      rule    = "PathPrefix(\`/api\`)"
      service = "app"
    }
    services "app" {
      load_balancer {
        servers = [{ url = "http://127.0.0.1:1" }]
      }
    }
  `
}

function changed(): string {
  const [first = '', second = ''] = configuration()
    .replace('/api', '/v2')
    .replace(':1"', ':2"')
    .split(/(?<=\n {4}\}\n) {4}routers "old".*?\n {4}\}\n/s)
  return `
    shutdown_timeout_secs = 5
    workers               = 2
    entrypoints "more" {
      address = "127.0.0.1:0"
    }
    ${first}${second}`
}
