import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './readmes.ts'

/** What programs import, such as `@gatewright/testing/vitest`. */
export interface Entry {
  readonly name: string
  /** The source behind it. */
  readonly file: string
}

/** The entries of all packages, in the order of their folders. */
export function readEntries(): Entry[] {
  return readdirSync(join(root, 'packages')).toSorted().flatMap(entriesOf)
}

/** The entries of the package in this folder below `packages`. */
export function entriesOf(folder: string): Entry[] {
  const path = join(root, 'packages', folder)
  // Written by us, and checked as a whole by publint.
  const { name, exports } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly exports: Readonly<Record<string, string>>
  }
  return Object.entries(exports)
    .filter(([, file]) => file.endsWith('.ts'))
    .map(([key, file]) => ({ name: name + key.slice(1), file: join(path, file) }))
}

/** Where the site has what the entry exports. */
export function apiLink(name: string): string {
  return `/api/${name.replace(/^@gatewright\//, '')}/`
}
