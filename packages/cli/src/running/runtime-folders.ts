import { lstat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Where running gateways of this user can be found, the preferred folder first:
 * `$GATEWRIGHT_RUNTIME_DIR` alone if it is set, and nowhere if it is empty; else
 * `$XDG_RUNTIME_DIR/gatewright` and `gatewright-<uid>` in the folder for temporary files.
 */
export function runtimeFolders(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const uid = process.getuid?.()
  const { GATEWRIGHT_RUNTIME_DIR: own, XDG_RUNTIME_DIR: xdg } = env
  // Without user ids there is no saying whose a folder is.
  if (uid === undefined || own === '') return []
  if (own !== undefined) return [own]
  const temporary = join(tmpdir(), `gatewright-${uid}`)
  return xdg ? [join(xdg, 'gatewright'), temporary] : [temporary]
}

/**
 * True if nobody but this user can have put anything there. In a folder for temporary files anybody
 * can make one of that name.
 */
export async function isOwnFolder(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined || !stats.isDirectory()) return false
  return stats.uid === process.getuid?.() && (stats.mode & 0o022) === 0
}
