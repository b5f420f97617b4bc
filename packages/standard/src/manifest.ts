/**
 * What the package.json of a plugin, or of the project that uses it, says.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ExtensionKind, ProvidedTypes } from '@gatewright/kernel'

/** A package.json, as it was written: nothing of it can be relied upon. */
export type Manifest = Readonly<Record<string, unknown>>

/** A package on disk. */
export interface Package {
  readonly root: string
  readonly manifest: Manifest
}

/** The package.json in a folder. */
export function readManifest(root: string): Manifest | undefined {
  const file = join(root, 'package.json')
  if (!existsSync(file)) return undefined
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isRecord(manifest) ? manifest : undefined
  } catch {
    // Somebody else's, half written or broken: as good as none.
    return undefined
  }
}

/** The nearest package around a file or folder whose package.json has a name, or any if `named` is false. */
export function packageAround(path: string, named: boolean = true): Package | undefined {
  for (let root = path; ; root = dirname(root)) {
    const manifest = readManifest(root)
    if (manifest !== undefined && (!named || typeof manifest['name'] === 'string')) {
      return { root, manifest }
    }
    if (dirname(root) === root) return undefined
  }
}

/** `gatewright-plugin-geo@1.2.0`. */
export function titleOf({ root, manifest }: Package): string {
  const { name, version } = manifest
  if (typeof name !== 'string') return root
  return typeof version === 'string' ? `${name}@${version}` : name
}

/** What `gatewright` in a package.json says; `undefined` if there is no such field. */
export function declarationOf(manifest: Manifest): Manifest | undefined {
  const { gatewright } = manifest
  return isRecord(gatewright) ? gatewright : undefined
}

/** True for the package of a plugin, false for a project that uses some. */
export function isPlugin({ keywords }: Manifest): boolean {
  return Array.isArray(keywords) && keywords.includes('gatewright-plugin')
}

/** Types by kind; kinds of two words have a `-` or `_` between them in a package.json, or a space. */
export function providedBy(manifest: Manifest): ProvidedTypes | undefined {
  const provides = declarationOf(manifest)?.['provides']
  if (!isRecord(provides)) return undefined
  const types = Object.entries(provides).map(([kind, list]) => {
    const names: unknown[] = Array.isArray(list) ? list : [list]
    return [kind.replace(/[-_]/g, ' '), names.filter((name) => typeof name === 'string')]
  })
  // What is no kind is asked for by nobody.
  return Object.fromEntries(types) as Partial<Record<ExtensionKind, string[]>>
}

/** A field of names and texts, such as `peerDependencies`. */
export function textsIn(manifest: Manifest, field: string): Readonly<Record<string, string>> {
  const value = manifest[field]
  if (!isRecord(value)) return {}
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])),
  )
}

/** True for an object that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
