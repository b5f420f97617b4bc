import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from './options.ts'

const packages: string = fileURLToPath(new URL('../../packages/', import.meta.url))
const scope = '@gatewright'

/**
 * Lays out what `npm run build` made as if it had been installed, since inside of the workspace the
 * packages find each other's sources. Returns the main file of the command. Throws UsageError if it
 * was not built.
 */
export async function installBuiltCli(folder: string): Promise<string> {
  if (!existsSync(join(packages, 'cli/dist/main.js'))) {
    throw new UsageError('--built: there is nothing built; run "npm run build" first')
  }
  for (const name of await readdir(packages)) {
    if (existsSync(join(packages, name, 'dist'))) await install(name, folder)
  }
  return join(folder, 'node_modules', scope, 'cli/dist/main.js')
}

async function install(name: string, folder: string): Promise<void> {
  const source = join(packages, name)
  const target = join(folder, 'node_modules', scope, name)
  await cp(join(source, 'dist'), join(target, 'dist'), { recursive: true })
  // Packages have an object there.
  const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as Manifest
  const published = { ...manifest, ...manifest.publishConfig }
  await writeFile(join(target, 'package.json'), JSON.stringify(published))
  await linkDependencies(join(source, 'node_modules'), join(target, 'node_modules'))
}

interface Manifest {
  readonly publishConfig?: object
}

/** Packages of others lie where they are; ours are found beside each other. */
async function linkDependencies(source: string, target: string): Promise<void> {
  if (!existsSync(source)) return
  await mkdir(target)
  for (const name of await readdir(source)) {
    if (name === scope || name.startsWith('.')) continue
    await symlink(join(source, name), join(target, name))
  }
}
