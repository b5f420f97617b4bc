import { type FSWatcher, watch } from 'node:fs'
import { basename } from 'node:path'
import { problemOf } from '@gatewright/kernel'

/** By folder the names in it that matter; `undefined` for all of them. */
export type WatchedFolders = ReadonlyMap<string, ReadonlySet<string> | undefined>

/** What a {@link FolderWatcher} tells. */
export interface FolderWatcherEvents {
  /** Something may have changed: look again, and call `watch` before that. */
  onEvent(): void
  /**
   * A folder cannot be watched, for another reason than that it is not there: only looking regularly
   * helps. Told once until it can be watched again.
   */
  onProblem(folder: string, problem: string): void
}

const retryMs = 1000

/**
 * Tells when something may have changed in a set of folders. Watches folders only, and never
 * recursively: a watch on a file dies with the first file that replaces it, and a recursive one
 * does not see links that are exchanged. Does not keep the process alive.
 */
export class FolderWatcher implements Disposable {
  readonly #events: FolderWatcherEvents
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #problematic = new Set<string>()
  #folders: WatchedFolders = new Map()
  #retry: NodeJS.Timeout | undefined = undefined
  #closed = false

  constructor(events: FolderWatcherEvents) {
    this.#events = events
  }

  /**
   * Watches these folders, and no others any more. Each is watched anew, since what stands at its
   * path may be another folder by now; one that is not there as soon as it is.
   */
  watch(folders: WatchedFolders): void {
    if (this.#closed) return
    this.#folders = folders
    for (const folder of this.#watchers.keys()) {
      if (!folders.has(folder)) this.#letGo(folder)
    }
    for (const folder of folders.keys()) this.#arm(folder)
  }

  [Symbol.dispose](): void {
    this.#closed = true
    clearTimeout(this.#retry)
    for (const folder of this.#watchers.keys()) this.#letGo(folder)
  }

  #arm(folder: string): void {
    const previous = this.#watchers.get(folder)
    try {
      const watcher = watch(folder, { persistent: false })
      watcher.on('change', (_, name) => this.#onChange(folder, name))
      watcher.on('error', (error) => this.#fail(folder, error))
      this.#watchers.set(folder, watcher)
      this.#problematic.delete(folder)
    } catch (error) {
      this.#watchers.delete(folder)
      this.#fail(folder, error)
    }
    // Afterwards, so that nothing happens unseen in between.
    previous?.close()
  }

  #letGo(folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
  }

  #onChange(folder: string, name: string | Buffer | null): void {
    const names = this.#folders.get(folder)
    // The last event of a folder that is removed has its own name.
    const matters =
      names === undefined || name === null || names.has(String(name)) || name === basename(folder)
    if (matters && !this.#closed) this.#events.onEvent()
  }

  #fail(folder: string, error: unknown): void {
    this.#letGo(folder)
    if (this.#closed) return
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isMissing && !this.#problematic.has(folder)) {
      this.#problematic.add(folder)
      this.#events.onProblem(folder, problemOf(error))
    }
    this.#retry ??= setTimeout(() => this.#armMissing(), retryMs).unref()
  }

  #armMissing(): void {
    this.#retry = undefined
    const missing = [...this.#folders.keys()].filter((folder) => !this.#watchers.has(folder))
    for (const folder of missing) this.#arm(folder)
    if (missing.some((folder) => this.#watchers.has(folder))) this.#events.onEvent()
  }
}
