/**
 * What to type to get a package, with the package manager that the project uses.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readManifest } from './manifest.ts'

const commands = { npm: 'npm install', pnpm: 'pnpm add', yarn: 'yarn add', bun: 'bun add' } as const

const lockfiles: Readonly<Record<string, keyof typeof commands>> = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'package-lock.json': 'npm',
}

/** `pnpm add gatewright-plugin-geo`, as somebody would type it in `folder`. */
export function installCommand(specifier: string, folder: string): string {
  const text = /[\s^~<>|*]/.test(specifier) ? `'${specifier}'` : specifier
  return `${commands[managerOf(folder)]} ${text}`
}

/** Why packages of the project cannot be found, if it is how it was installed. */
export function installationHint(folder: string): string | undefined {
  if (process.versions['pnp'] !== undefined || !isAbove(folder, '.pnp.cjs')) return undefined
  return "the project uses Plug'n'Play, so start with: yarn gatewright"
}

function managerOf(folder: string): keyof typeof commands {
  for (let at = folder; ; at = dirname(at)) {
    const field = readManifest(at)?.['packageManager']
    const [named = ''] = typeof field === 'string' ? field.split('@') : []
    if (isManager(named)) return named
    const lockfile = Object.keys(lockfiles).find((file) => existsSync(join(at, file)))
    if (lockfile !== undefined) return lockfiles[lockfile] ?? 'npm'
    if (dirname(at) === at) return 'npm'
  }
}

function isManager(name: string): name is keyof typeof commands {
  return Object.hasOwn(commands, name)
}

function isAbove(folder: string, file: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, file))) return true
    if (dirname(at) === at) return false
  }
}
