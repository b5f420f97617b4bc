import { readFileSync, type Stats, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { type ConfigPath, problemOf } from '@gatewright/kernel'
import { errors } from './errors.ts'

/** The largest chains have a hundredth of that. */
const maxBytes = 1024 * 1024

/** A file that a block `tls` names. */
export interface PemFile {
  /** Absolute. */
  readonly path: string
  /** Where the name stands among the options. */
  readonly option: ConfigPath
}

/**
 * Reads at once, for what is only needed to load a configuration and is small.
 * Throws GW_TLS_FILE_UNREADABLE.
 */
export function readPemFile({ path, option }: PemFile): string {
  try {
    checkStats(statSync(path))
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw unreadable({ path, option }, cause)
  }
}

/** The same for a gateway that is at work. Rejects with GW_TLS_FILE_UNREADABLE. */
export async function readPemFileAgain({ path, option }: PemFile): Promise<string> {
  try {
    checkStats(await stat(path))
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw unreadable({ path, option }, cause)
  }
}

/** To read a pipe or a device would never end. */
function checkStats(stats: Stats): void {
  if (!stats.isFile()) throw new Error('it is no file')
  if (stats.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
}

function unreadable({ path, option }: PemFile, cause: unknown): Error {
  return errors.GW_TLS_FILE_UNREADABLE({ path, problem: reasonOf(cause) }, { cause, option })
}

/** Node's own messages repeat the path. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES') return 'reading it is not permitted'
  return problemOf(error)
}
