import type { Scope } from '@gatewright/kernel'
import { LastText } from './last-text.ts'
import { SharedFile } from './shared-file.ts'
import { readText, WatchedFile, type WatchedFileOptions } from './watched-file.ts'

/** The parts of a {@link Scope} that a watched file needs. */
export type FileScope = Pick<
  Scope,
  'name' | 'log' | 'resolvePath' | 'keep' | 'onActivate' | 'defer'
>

/**
 * Reads the file, watches it from the moment when the configuration is active, and lets go of it
 * with the configuration. A file that is broken at the moment of a reload goes on with the content
 * that the same block used so far. Rejects with GW_WATCHED_FILE_UNREADABLE or
 * GW_WATCHED_FILE_INVALID if there is no good value to begin with.
 */
export async function openWatchedFile<T>(
  scope: FileScope,
  options: WatchedFileOptions<T>,
): Promise<WatchedFile<T>> {
  const path = scope.resolvePath(options.path)
  if (options.share !== undefined) return await openShared(scope, path, options.share, options)
  const [purpose = ''] = options.option ?? []
  const key = `watched-file:${JSON.stringify([scope.name, purpose, path])}`
  const last = scope.keep(key, () => new LastText())
  const file = await openNowOrAsBefore(path, last, scope.log, options)
  scope.onActivate(() => file.watch())
  scope.defer(() => file.close())
  return file
}

async function openShared<T>(
  scope: FileScope,
  path: string,
  share: string,
  options: WatchedFileOptions<T>,
): Promise<WatchedFile<T>> {
  const key = `watched-file-shared:${JSON.stringify([share, path])}`
  const shared = scope.keep(key, () => new SharedFile<T>(path))
  const file = await shared.open(options, scope.log)
  const { value } = file
  const tell = (next: T): void => options.onChange?.(next)
  scope.onActivate(() => {
    file.watch()
    shared.listeners.add(tell)
    if (file.value !== value) tell(file.value)
  })
  scope.defer(() => void shared.listeners.delete(tell))
  return file
}

async function openNowOrAsBefore<T>(
  path: string,
  last: LastText,
  log: Scope['log'],
  options: WatchedFileOptions<T>,
): Promise<WatchedFile<T>> {
  try {
    return new WatchedFile(path, await readText(path, options), last, log, options)
  } catch (error) {
    const file = tryAsBefore(path, last, log, options)
    if (file === undefined) throw error
    file.complain(error)
    return file
  }
}

/** `undefined` if there was nothing before, or nothing that the options of today accept. */
function tryAsBefore<T>(
  path: string,
  last: LastText,
  log: Scope['log'],
  options: WatchedFileOptions<T>,
): WatchedFile<T> | undefined {
  if (last.text === undefined) return undefined
  try {
    return new WatchedFile(path, last.text, last, log, options)
  } catch {
    // What is wrong with the file of today is what its owner has to know.
    return undefined
  }
}
