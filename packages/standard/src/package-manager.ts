/**
 * What to type to get a package, with the package manager that the project uses.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readManifest } from './manifest.ts'

const verbs = { npm: 'install', pnpm: 'add', yarn: 'add', bun: 'add' } as const

const lockfiles: Readonly<Record<string, keyof typeof verbs>> = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'package-lock.json': 'npm',
}

/** `pnpm add gatewright-plugin-geo`, as somebody would type it in `folder`. */
export function installCommand(specifier: string, folder: string): string {
  const text = /[\s^~<>|*]/.test(specifier) ? `'${specifier}'` : specifier
  return installWords(text, folder).join(' ')
}

/** The program to run in `folder`, and its arguments. */
export function installWords(
  specifier: string,
  folder: string,
): readonly [program: string, ...args: string[]] {
  const manager = managerOf(folder)
  return [manager, verbs[manager], specifier]
}

/** Why packages of the project cannot be found, if it is how it was installed. */
export function installationHint(folder: string): string | undefined {
  if (process.versions['pnp'] !== undefined || !isAbove(folder, '.pnp.cjs')) return undefined
  return "the project uses Plug'n'Play, so start with: yarn gatewright"
}

function managerOf(folder: string): keyof typeof verbs {
  for (let at = folder; ; at = dirname(at)) {
    const field = readManifest(at)?.['packageManager']
    const [named = ''] = typeof field === 'string' ? field.split('@') : []
    if (isManager(named)) return named
    const lockfile = Object.keys(lockfiles).find((file) => existsSync(join(at, file)))
    if (lockfile !== undefined) return lockfiles[lockfile] ?? 'npm'
    if (dirname(at) === at) return 'npm'
  }
}

function isManager(name: string): name is keyof typeof verbs {
  return Object.hasOwn(verbs, name)
}

function isAbove(folder: string, file: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, file))) return true
    if (dirname(at) === at) return false
  }
}
