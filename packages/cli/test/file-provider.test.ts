import { mkdir, rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { reply, request, startUpstream, type Upstream } from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Cli, createFolder, type Folder, runCli } from './cli.ts'

const reloaded = 'configuration reloaded'
const refused = 'reload refused; the running configuration stays'

let upstream: Upstream

beforeAll(async () => {
  upstream = await startUpstream(reply(200))
})

afterAll(() => upstream[Symbol.asyncDispose]())

describe.each([1, 2])('with %i worker(s), a change of the files is applied', (workers) => {
  it('by itself, however it comes about', async () => {
    await using folder = await createFiles(main({ workers }))
    await using cli = new Cli([], { cwd: folder.path })
    const url = await cli.url()
    await expectAnswers(url, { main: 200, a: 200, two: 404 })

    await folder.write('gateway.hcl', main({ workers, path: 'two' }))
    await cli.line(reloaded)
    await expectAnswers(url, { main: 404, two: 200, a: 200 })

    await folder.write('new.hcl', main({ workers, path: 'three' }))
    await rename(join(folder.path, 'new.hcl'), join(folder.path, 'gateway.hcl'))
    await cli.line(reloaded)
    await expectAnswers(url, { two: 404, three: 200 })

    await folder.write('conf.d/b.hcl', router('b'))
    await cli.line(reloaded)
    await expectAnswers(url, { a: 200, b: 200 })
  })

  it('unless it is wrong; the rest goes on', async () => {
    await using folder = await createFiles(main({ workers }))
    await using cli = new Cli([], { cwd: folder.path })
    const url = await cli.url()
    await folder.write('gateway.hcl', main({ workers, path: 'two', service: 'no' }))
    await cli.line(refused)
    await folder.write('conf.d/b.hcl', router('b'))
    await cli.line(reloaded)
    await expectAnswers(url, { main: 200, two: 404, b: 200 })

    await folder.write('conf.d/a.hcl', router('a', 'no'))
    expect(await cli.line('a part of the configuration keeps its last good content')).toMatchObject(
      {
        at: 'conf.d/a.hcl:3:13',
        problem: 'unknown service "no"',
        hint: expect.any(String),
      },
    )
    await expectAnswers(url, { a: 200, b: 200 })

    await folder.write('gateway.hcl', main({ workers, path: 'three' }))
    await cli.line(reloaded)
    await expectAnswers(url, { main: 404, three: 200, a: 200 })
  })

  it('but not one that empties the main file', async () => {
    await using folder = await createFiles(main({ workers }))
    await using cli = new Cli([], { cwd: folder.path })
    const url = await cli.url()
    await folder.write('gateway.hcl', '')

    expect(await cli.line(refused)).toMatchObject({ code: 'GW_CONFIG_EMPTY' })
    await expectAnswers(url, { main: 200 })
  })
})

describe('watching', () => {
  it('sees a ConfigMap that is exchanged', async () => {
    await using folder = await createFolder()
    const mount = async (version: string, path: string): Promise<void> => {
      await mkdir(join(folder.path, `..${version}`))
      await folder.write(`..${version}/gateway.hcl`, main({ path }))
      await symlink(`..${version}`, join(folder.path, '..next'))
      await rename(join(folder.path, '..next'), join(folder.path, '..data'))
    }
    await mount('1', 'one')
    await symlink('..data/gateway.hcl', join(folder.path, 'gateway.hcl'))
    await using cli = new Cli([], { cwd: folder.path })
    const url = await cli.url()
    await expectAnswers(url, { one: 200 })

    await mount('2', 'two')
    await cli.line(reloaded)

    await expectAnswers(url, { one: 404, two: 200 })
  })

  it('begins and ends with its block', async () => {
    await using folder = await createFiles(main({ block: '' }))
    await using cli = new Cli([], { cwd: folder.path })
    const url = await cli.url()
    await folder.write('gateway.hcl', main({ path: 'two' }))
    cli.kill('SIGHUP')
    await cli.line(reloaded)
    await folder.write('gateway.hcl', main({ path: 'three' }))
    await cli.line(reloaded)
    await expectAnswers(url, { three: 200, a: 200 })

    await folder.write('gateway.hcl', main({ path: 'four', block: '' }))
    await cli.line(reloaded)
    await folder.write('gateway.hcl', main({ path: 'five', block: '' }))
    cli.kill('SIGHUP')
    await cli.line(reloaded)
    await expectAnswers(url, { four: 404, five: 200, a: 404 })
  })

  it('is not necessary for the folder to be read', async () => {
    const block = 'file {\n  watch     = false\n  directory = "conf.d"\n}'
    await using folder = await createFiles(main({ block }))
    await using cli = new Cli([], { cwd: folder.path })
    const url = await cli.url()
    await expectAnswers(url, { a: 200 })
    await folder.write('conf.d/b.hcl', router('b'))
    cli.kill('SIGHUP')
    await cli.line(reloaded)

    await expectAnswers(url, { b: 200 })
  })
})

describe('diff', () => {
  it('tells what a reload would take from the folder', async () => {
    const block = 'file {\n  watch     = false\n  directory = "conf.d"\n}'
    await using folder = await createFiles(main({ block }))
    const options = { cwd: folder.path, env: { GATEWRIGHT_RUNTIME_DIR: folder.path } }
    await using cli = new Cli([], options)
    await cli.url()
    await folder.write('conf.d/b.hcl', router('b'))

    const { code, stdout, stderr } = await runCli(['diff', '--json'], options)

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ changed: { routers: { added: ['b'] } } })
  })
})

describe('validate and config', () => {
  it('read the folder, wherever they are called', async () => {
    await using folder = await createFiles(main())
    const config = join(folder.path, 'gateway.hcl')

    const { stdout } = await runCli(['validate', '-c', config], { cwd: '/' })
    const routes = await runCli(['config', 'routes', '-c', config, '--json'], { cwd: '/' })

    expect(stdout).toContain('    - a → service:app')
    expect(stdout).toContain('  Provider:    file (hot reload)')
    expect(JSON.parse(routes.stdout)).toMatchObject([{ name: 'a' }, { name: 'main' }])
  })

  it('validate warns once of a folder that is not there, with its place', async () => {
    await using folder = await createFolder({ 'gateway.hcl': main() })
    const { stderr, code } = await runCli(['validate'], { cwd: folder.path })

    expect(code).toBe(0)
    expect(stderr.match(/not there yet/g)).toHaveLength(1)
    expect(stderr).toMatch(/WARN.*gateway\.hcl:\d+:\d+/)
    expect(stderr).not.toContain('"level"')
  })

  it.each(['validate', 'config summary'])(
    '%s names each broken file with its place',
    async (command) => {
      await using folder = await createFiles(main(), {
        'conf.d/b.hcl': 'routers "b" {\n',
        'conf.d/c.hcl': router('c', 'ap'),
        'conf.d/d.hcl': 'shutdown_timeout_secs = 1\n',
        'conf.d/e.hcl': router('e', 'app', 'a'),
      })

      const { code, stderr } = await runCli(command.split(' '), { cwd: folder.path })

      expect(code).toBe(1)
      expect(stderr).toContain('Validation error: 4 problems')
      expect(stderr).toContain('conf.d/b.hcl:1:13: error GW_CONFIG_SYNTAX')
      expect(stderr).toContain('conf.d/c.hcl:3:13: error GW_UNKNOWN_REFERENCE')
      expect(stderr).toContain('conf.d/d.hcl:1:25: error GW_FILE_MAIN_ONLY')
      expect(stderr).toContain('defined by conf.d/a.hcl and by conf.d/e.hcl')
    },
  )

  it('do not show what files of the folder take from the environment', async () => {
    await using folder = await createFiles(main(), {
      'conf.d/b.hcl': router('b').replace('Path(`/b`)', '${RULE}'),
    })
    const env = { RULE: 'Path(`/hidden`)' }

    const shown = await runCli(['config', 'json'], { cwd: folder.path, env })
    const missing = await runCli(['validate', '--allow-missing-env'], { cwd: folder.path })

    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).not.toContain('hidden')
    expect(missing).toMatchObject({ code: 0, stderr: '' })
  })
})

const watching = 'file {\n  directory   = "conf.d"\n  debounce_ms = 50\n}'

function main({
  workers = 1,
  path = 'main',
  service = 'app',
  block = watching,
}: {
  workers?: number
  path?: string
  service?: string
  block?: string
} = {}): string {
  return `workers = ${workers}
providers {
  ${block}
}
entrypoints "web" {
  address = "127.0.0.1:0"
}
services "app" {
  load_balancer {
    servers = [{ url = "${upstream.url}" }]
  }
}
${router(path, service, 'main')}`
}

function router(path: string, service = 'app', name = path): string {
  return `routers "${name}" {\n  rule    = "Path(\`/${path}\`)"\n  service = "${service}"\n}\n`
}

async function createFiles(
  text: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Folder> {
  const folder = await createFolder({ 'gateway.hcl': text })
  await mkdir(join(folder.path, 'conf.d'))
  const files = { 'conf.d/a.hcl': router('a'), ...more }
  for (const [name, content] of Object.entries(files)) await folder.write(name, content)
  return folder
}

/** Comes back when requests have these outcomes, whichever worker answers: path → status. */
async function expectAnswers(url: string, wanted: Readonly<Record<string, number>>): Promise<void> {
  const answers = async (): Promise<object> => {
    const pairs = Object.keys(wanted).map(async (path) => {
      const replies = await Promise.all([1, 2, 3].map(() => request(`${url}/${path}`)))
      const statuses = new Set(replies.map(({ status }) => status))
      return [path, [...statuses].join()] as const
    })
    return Object.fromEntries(await Promise.all(pairs))
  }
  const expected = Object.fromEntries(
    Object.entries(wanted).map(([path, status]) => [path, `${status}`]),
  )
  await vi.waitFor(async () => expect(await answers()).toEqual(expected), { timeout: 10_000 })
}
