import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { CheckFailed, run } from './command.ts'
import { serveTarballs } from './package-registry.ts'
import { packAll } from './packing.ts'

/** Kinds of plugins, as on the command line, by the name that theirs has here. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  filter: ['--kind', 'middleware'],
  around: ['--kind', 'middleware', '--style', 'around'],
  provider: ['--kind', 'provider'],
  balancer: ['--kind', 'balancer'],
  matcher: ['--kind', 'matcher'],
  protocol: ['--kind', 'protocol'],
  feature: ['--kind', 'service-feature'],
  hook: ['--kind', 'hook'],
}

/** What a plugin is written in, as on the command line. */
const languages: Readonly<Record<string, readonly string[]>> = { ts: [], js: ['--js'] }

/** Every script of a new project that comes to an end. */
const scripts = ['build', 'test', 'lint', 'check']

/** A project that was made. */
interface Plugin {
  readonly name: string
  readonly packageName: string
  readonly folder: string
}

/**
 * Does what a stranger does: gets the packed packages from a registry, in a folder outside the
 * workspace, has plugins of every kind made in both languages, runs all their scripts, and starts a
 * gateway that loads all of them. Needs a finished build.
 */
export async function checkGeneratedPlugins(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'gatewright-generated-'))
  try {
    const tarballs = await packAll(await emptyFolder(home, 'tarballs'))
    await using registry = await serveTarballs(tarballs)
    const env = { 'npm_config_@gatewright:registry': registry.url }
    const creator = join(home, 'tarballs/create-gatewright-plugin-0.0.0.tgz')
    const workshop = await emptyFolder(home, 'workshop')
    await writeFile(join(workshop, 'package.json'), '{ "private": true, "type": "module" }\n')
    await run('npm', ['install', '--save-dev', creator], { cwd: workshop, env })
    const plugins = await makeAll(workshop)
    await installTools(workshop, plugins[0], env)
    await inTurns(plugins, checkPlugin)
    console.log(home)
  } finally {
    if (process.env['KEEP'] === undefined) await rm(home, { recursive: true })
  }
}

async function emptyFolder(parent: string, name: string): Promise<string> {
  const folder = join(parent, name)
  await mkdir(folder)
  return folder
}

async function makeAll(workshop: string): Promise<Plugin[]> {
  const plugins: Plugin[] = []
  for (const [kind, ofKind] of Object.entries(kinds)) {
    for (const [language, ofLanguage] of Object.entries(languages)) {
      plugins.push(await make(workshop, `${kind}-${language}`, [...ofKind, ...ofLanguage]))
    }
  }
  return plugins
}

async function make(workshop: string, name: string, args: readonly string[]): Promise<Plugin> {
  const command = join(workshop, 'node_modules/.bin/create-gatewright-plugin')
  const all = [name, ...args, '--no-install', '--json']
  const made: unknown = JSON.parse(await run(command, all, { cwd: workshop }))
  // What the README of the package promises.
  const { package: packageName, folder } = made as { package: string; folder: string }
  return { name, packageName, folder }
}

/** One installation for all: the projects are below its folder, and all of them want the same. */
async function installTools(
  workshop: string,
  plugin: Plugin | undefined,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  if (plugin === undefined) throw new Error('no plugin was made')
  const text = await readFile(join(plugin.folder, 'package.json'), 'utf8')
  const { devDependencies } = JSON.parse(text) as { devDependencies: Record<string, string> }
  const wanted = Object.entries(devDependencies).map(([name, range]) => `${name}@${range}`)
  await run('npm', ['install', '--save-dev', ...wanted], { cwd: workshop, env })
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
}

async function checkPlugin({ folder }: Plugin): Promise<void> {
  for (const script of scripts) await run('npm', ['run', script], { cwd: folder })
  await checkDev(folder)
}

/** Starts the example, asks it, and ends it. */
async function checkDev(folder: string): Promise<void> {
  const child = spawn('npm', ['run', 'dev'], {
    cwd: folder,
    env: { ...process.env, UPSTREAM_PORT: '0', ADDRESS: '127.0.0.1:0' },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own, so that all of what it starts can be ended.
    detached: true,
    timeout: 60_000,
  })
  const closed = once(child, 'close')
  const lines: string[] = []
  try {
    let address: string | undefined
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line)
      address ??= /"address":"([^"]+)"/.exec(line)?.[1]
      if (address !== undefined && line.includes('"msg":"ready"')) break
    }
    const response = await fetch(`http://${address}/`)
    if (response.status === 200) return
    throw new CheckFailed(`the example in ${folder} answers ${response.status}`, lines.join('\n'))
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    await closed
  }
}
