import { readFile, stat } from 'node:fs/promises'
import { errors, reasonOf } from './errors.ts'

/** The most that a file of the folder may have. */
export const maxBytes = 5 * 1024 * 1024

/** Reads a file of the folder. Throws GW_FILE_FRAGMENT. */
export async function readFragment(path: string): Promise<string> {
  const problem = await problemWith(path)
  if (problem !== undefined) throw errors.GW_FILE_FRAGMENT({ problem })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (cause) {
    // The decoder's own message does not say more.
    const reason = cause instanceof TypeError ? 'it is not UTF-8' : reasonOf(cause)
    throw errors.GW_FILE_FRAGMENT({ problem: `it cannot be read: ${reason}` }, { cause })
  }
}

/** To read a pipe or a device would never end. */
async function problemWith(path: string): Promise<string | undefined> {
  try {
    const stats = await stat(path)
    if (!stats.isFile()) return 'it is no file'
    return stats.size > maxBytes ? `it has ${stats.size} bytes, more than ${maxBytes}` : undefined
  } catch (error) {
    return `it cannot be read: ${reasonOf(error)}`
  }
}
