/**
 * Which files of a folder are configuration.
 *
 * @module
 */
import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

const maxFiles = 1000
const maxDepth = 16

/** A file of the folder. */
export interface FragmentFile {
  readonly path: string
  /** Relative to the folder, with slashes. */
  readonly name: string
}

/** What there is below a folder. */
export interface FragmentList {
  /** In byte order of their names. */
  readonly files: readonly FragmentFile[]
  /** The folder itself and those below it. */
  readonly folders: readonly string[]
  /** Files and folders that are symbolic links. */
  readonly links: readonly string[]
}

/** What is being found. */
interface Walk {
  readonly files: FragmentFile[]
  readonly folders: string[]
  readonly links: string[]
  /** Folders that were visited: links may lead in circles. */
  readonly seen: Set<string>
  /** The main file, which may stand in the folder. */
  readonly main: string | undefined
}

/** True for names of files of configuration. Editors and ConfigMaps have names of their own. */
export function isFragmentName(name: string): boolean {
  return name.endsWith('.hcl') && !name.startsWith('.')
}

/**
 * Lists `*.hcl` in a folder and below it, without those whose name begins with a dot.
 * Rejects if the folder cannot be read, or if there is more than is sensible.
 */
export async function listFragments(directory: string, main?: string): Promise<FragmentList> {
  const walk: Walk = {
    files: [],
    folders: [],
    links: [],
    seen: new Set(),
    main: main === undefined ? undefined : await realpath(main).catch(() => undefined),
  }
  await visit(directory, '', walk)
  const { files, folders, links } = walk
  return { files: files.toSorted((a, b) => compareBytes(a.name, b.name)), folders, links }
}

async function visit(folder: string, prefix: string, walk: Walk): Promise<void> {
  const real = await realpath(folder)
  if (walk.seen.has(real)) return
  walk.seen.add(real)
  walk.folders.push(folder)
  if (prefix.split('/').length > maxDepth) {
    throw new Error(`"${prefix}" is deeper than ${maxDepth} levels`)
  }
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => compareBytes(a.name, b.name))) {
    if (entry.name.startsWith('.')) continue
    await visitEntry(entry, { folder, real, prefix }, walk)
  }
}

async function visitEntry(
  entry: Dirent,
  { folder, real, prefix }: { folder: string; real: string; prefix: string },
  walk: Walk,
): Promise<void> {
  const path = join(folder, entry.name)
  const name = `${prefix}${entry.name}`
  const isLink = entry.isSymbolicLink()
  if (isLink) walk.links.push(path)
  if (entry.isDirectory() || (isLink && (await isFolder(path)))) {
    // It may go away while it is looked into.
    return await visit(path, `${name}/`, walk).catch(forgetMissing)
  }
  if (!isFragmentName(entry.name)) return
  const target = isLink ? await realpath(path).catch(() => path) : join(real, entry.name)
  if (target === walk.main) return
  walk.files.push({ path, name })
  if (walk.files.length > maxFiles) throw new Error(`there are more than ${maxFiles} files`)
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}

function forgetMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
