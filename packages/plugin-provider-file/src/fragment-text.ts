import { readFile, stat } from 'node:fs/promises'
import { isGatewayError } from '@gatewright/kernel'
import { errors, isMissing, reasonOf } from './errors.ts'

/** The most that a file of the folder may have. */
export const maxBytes = 5 * 1024 * 1024

/** Reads a file of the folder; `undefined` if it is gone. Throws GW_FILE_FRAGMENT. */
export async function readFragment(path: string): Promise<string | undefined> {
  try {
    // To read a pipe or a device would never end.
    const stats = await stat(path)
    if (!stats.isFile()) throw errors.GW_FILE_FRAGMENT({ problem: 'it is no file' })
    if (stats.size > maxBytes) throw errors.GW_FILE_FRAGMENT({ problem: tooLarge(stats.size) })
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (cause) {
    if (isMissing(cause)) return undefined
    if (isGatewayError(cause)) throw cause
    // The decoder's own message does not say more.
    const reason = cause instanceof TypeError ? 'it is not UTF-8' : reasonOf(cause)
    throw errors.GW_FILE_FRAGMENT({ problem: `it cannot be read: ${reason}` }, { cause })
  }
}

function tooLarge(size: number): string {
  return `it has ${size} bytes, more than ${maxBytes}`
}
