import { lstat, readlink } from 'node:fs/promises'
import { dirname, join, parse, resolve, sep } from 'node:path'
import type { WatchedFolders } from './folder-watcher.ts'

/** As many as Linux follows. */
const maxLinks = 40

/**
 * Everything that has a say in what stands at an absolute path: the folder and name of each symbolic
 * link on the way, and of the file or folder at the end. A change of any of these may change what
 * is found there, as when Kubernetes exchanges the folder behind a mounted ConfigMap.
 */
export async function linksOf(path: string): Promise<WatchedFolders> {
  const found = new Map<string, Set<string>>()
  const add = (folder: string, name: string): void => {
    const names = found.get(folder) ?? new Set<string>()
    found.set(folder, names.add(name))
  }
  const { root } = parse(path)
  let current = root
  let rest = path.slice(root.length).split(sep).filter(Boolean)
  for (let links = 0; rest.length > 0; ) {
    const [name = '', ...after] = rest
    const target = links < maxLinks ? await targetOf(join(current, name)) : undefined
    if (target !== undefined || after.length === 0) add(current, name)
    if (target === undefined) {
      current = join(current, name)
      rest = after
    } else {
      links++
      const absolute = resolve(current, target)
      rest = [...absolute.slice(root.length).split(sep).filter(Boolean), ...after]
      current = root
    }
  }
  return found.size === 0 ? new Map([[dirname(path), undefined]]) : found
}

/** Where a symbolic link leads; `undefined` if it is none, or not there. */
async function targetOf(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : undefined
  } catch {
    // What is not there has no target.
    return undefined
  }
}
