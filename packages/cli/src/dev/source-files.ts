/**
 * The files below some folders, as far as a gateway under development depends on them.
 *
 * @module
 */
import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** What there is at a moment. */
export interface SourceFiles {
  readonly folders: ReadonlySet<string>
  /** By path: what differs once the file was written, or another one took its place. */
  readonly stamps: ReadonlyMap<string, string>
}

/** What was installed, and what editors and tools make. */
const ignored = /^(?:node_modules|\.git|coverage)$|~$|\.sw[px]$/
const wanted = /\.(?:[cm]?[jt]s|json|wasm|hcl)$/
/** Somebody who works on a plugin has fewer; who has more works in a home directory. */
const maxFolders = 2000

/**
 * Lists what is in some folders and below, without what was installed. Files that are named count
 * whatever their names are.
 */
export async function readSources(
  roots: Iterable<string>,
  named: ReadonlySet<string>,
): Promise<SourceFiles> {
  const folders = new Set(roots)
  const stamps = new Map<string, string>()
  // A set that grows is walked to its end.
  for (const folder of folders) {
    const entries = (await entriesOf(folder)).filter(({ name }) => !ignored.test(name))
    for (const entry of entries.filter((one) => one.isDirectory())) {
      if (folders.size < maxFolders) folders.add(join(folder, entry.name))
    }
    const files = entries
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => join(folder, name))
    const watched = files.filter((path) => wanted.test(path) || named.has(path))
    const stamped = await Promise.all(
      watched.map(async (path) => [path, await stampOf(path)] as const),
    )
    for (const [path, stamp] of stamped) if (stamp !== undefined) stamps.set(path, stamp)
  }
  return { folders, stamps }
}

/** Files that are new, gone or written since. */
export function changedSince(before: SourceFiles, { stamps }: SourceFiles): string[] {
  const paths = new Set([...before.stamps.keys(), ...stamps.keys()])
  return [...paths].filter((path) => before.stamps.get(path) !== stamps.get(path))
}

/** True for a folder, and for what is in it or below. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  // A folder that cannot be read, or is gone by now, has nothing to follow.
  return await readdir(folder, { withFileTypes: true }).catch(() => [])
}

/** `undefined` for what is no file; through a link, of the file that it leads to. */
async function stampOf(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path, { bigint: true })
    return found.isFile() ? `${found.ino} ${found.size} ${found.mtimeNs}` : undefined
  } catch {
    // Gone since the folder was read, or a link to nothing.
    return undefined
  }
}
