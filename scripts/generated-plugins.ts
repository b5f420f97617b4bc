import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CheckFailed, run, runPnpm } from './command.ts'
import { freePort, startGateway } from './gateway-process.ts'
import { serveTarballs } from './package-registry.ts'
import { packAll } from './packing.ts'
import type { Package } from './workspace.ts'

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
const scripts = ['build', 'test', 'lint', 'format', 'check', 'docs']

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
    const workshop = await emptyProject(home, 'workshop')
    await run('npm', ['install', creatorIn(tarballs)], { cwd: workshop, env })
    const plugins = await makeAll(workshop)
    await installTools(workshop, plugins[0], env)
    await inTurns(plugins, checkPlugin)
    await checkTogether(await emptyProject(home, 'user'), plugins, env)
    await checkAlone(await emptyFolder(home, 'alone'), workshop, env)
  } finally {
    await rm(home, { recursive: true })
  }
}

async function emptyFolder(parent: string, name: string): Promise<string> {
  const folder = join(parent, name)
  await mkdir(folder)
  return folder
}

/** A folder in which npm stays when it installs something. */
async function emptyProject(parent: string, name: string): Promise<string> {
  const folder = await emptyFolder(parent, name)
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  return folder
}

/** It has no scope that could lead to the registry, so it is installed from its file. */
function creatorIn(tarballs: ReadonlyMap<Package, string>): string {
  for (const [{ manifest }, file] of tarballs) {
    if (manifest.name === 'create-gatewright-plugin') return file
  }
  throw new Error('the workspace has no create-gatewright-plugin')
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
  // What the scripts write is as they want it.
  await run('npm', ['exec', '--', 'biome', 'check'], { cwd: folder })
  await checkDev(folder)
  await run('npm', ['pack', '--pack-destination', '..'], { cwd: folder })
}

/** Starts the example as a new author does, asks it, and ends it. */
async function checkDev(folder: string): Promise<void> {
  const port = String(await freePort())
  const routes = join(folder, 'examples/routes.json')
  // What a provider reads names the server, wherever the others are told that it is.
  const text = await readFile(routes, 'utf8').catch(() => undefined)
  if (text !== undefined) await writeFile(routes, text.replace('8001', port))
  const free = '127.0.0.1:0'
  const ports = { UPSTREAM_PORT: port, OTHER_UPSTREAM_PORT: '0' }
  const env = { ...ports, ADDRESS: free, LINES_ADDRESS: free }
  await using gateway = await startGateway('npm', ['run', 'dev'], { cwd: folder, env })
  // What the example of a matcher sends to the other service, and all others treat like the first.
  for (const headers of [{}, { 'x-client': 'beta' }]) {
    const response = await fetch(gateway.url, { headers })
    const answer = await response.text()
    if (response.status === 200) continue
    const problem = `the example in ${folder} answers ${response.status}`
    throw new CheckFailed(problem, `${gateway.output()}\n${answer}\n`)
  }
}

/** All plugins in one gateway, installed as they would be published, and named in HCL. */
async function checkTogether(
  folder: string,
  plugins: readonly Plugin[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const tarballs = plugins.map((plugin) => `${plugin.folder}-0.1.0.tgz`)
  await run('npm', ['install', '@gatewright/cli', ...tarballs], { cwd: folder, env })
  const blocks = plugins.map(({ name, packageName }) => {
    return `plugins "${name}" {\n  source = "${packageName}"\n}\n`
  })
  await writeFile(join(folder, 'gateway.hcl'), `${blocks.join('\n')}${gatewayFile}`)
  const command = join(folder, 'node_modules/.bin/gatewright')
  await using gateway = await startGateway(command, [], { cwd: folder, env: {} })
  const { status, headers } = await fetch(gateway.url)
  const found = [status, headers.get('x-filter-ts'), headers.get('x-filter-js')].join()
  if (found === '502,one,another') return
  throw new CheckFailed(`a gateway with all plugins answers ${found}`, gateway.output())
}

/** Nothing is behind it: its answer passes through middlewares in both languages. */
const gatewayFile = `
entrypoints "web" {
  address = "127.0.0.1:0"
}

routers "all" {
  rule        = "PathPrefix(\`/\`)"
  service     = "gone"
  middlewares = ["one", "another"]
}

middlewares "one" {
  type = "filter-ts"
  note = "one"
}

middlewares "another" {
  type = "filter-js"
  note = "another"
}

services "gone" {
  load_balancer {
    strategy = "balancer-ts"
    servers  = [{ url = "http://127.0.0.1:1" }]
  }
}
`

/** One project each with an installation of its own, by two package managers. */
async function checkAlone(
  folder: string,
  workshop: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const registry = `@gatewright:registry=${env['npm_config_@gatewright:registry'] ?? ''}\n`
  await writeFile(join(folder, '.npmrc'), registry)
  const command = join(workshop, 'node_modules/.bin/create-gatewright-plugin')
  await run(command, ['with-npm', '--yes', '--scope', '@acme'], { cwd: folder, env })
  const byNpm = join(folder, 'gatewright-plugin-with-npm')
  await run('npm', ['run', 'test'], { cwd: byNpm })
  const args = ['with-pnpm', '--kind', 'middleware', '--js', '--pm', 'pnpm', '--no-install']
  await run(command, args, { cwd: folder })
  const byPnpm = join(folder, 'gatewright-plugin-with-pnpm')
  await writeFile(join(byPnpm, '.npmrc'), registry)
  await runPnpm(['install'], { cwd: byPnpm })
  for (const script of scripts) await runPnpm(['run', script], { cwd: byPnpm })
}
