import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root folder of the checkout, without a slash at the end. */
export const root: string = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** What the scripts read of a `package.json`. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly bin?: Readonly<Record<string, string>>
}

export interface Package {
  /** Absolute path. */
  readonly folder: string
  readonly manifest: Manifest
}

/** The packages that get published, in the order of their names: all of `packages/*`. */
export function readPackages(): Package[] {
  const parent = join(root, 'packages')
  return readdirSync(parent)
    .toSorted()
    .map((name) => {
      const folder = join(parent, name)
      return { folder, manifest: readManifest(folder) }
    })
}

/** Reads the `package.json` in that folder. */
export function readManifest(folder: string): Manifest {
  // Written by us, and checked as a whole by publint.
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}
