import type { Scope } from '@gatewright/kernel'
import { FolderWatcher, linksOf, type WatchedFolders } from '@gatewright/watched-file'

/** One change is often several events; a writer may take several steps. */
const settleMs = 50
/** Network file systems report nothing. */
const pollMs = 10_000
/** What is half done is done by then. */
const soonMs = 1000

/** Has files read again when something may have changed, one reading after the other. */
export class FileWatch implements AsyncDisposable {
  readonly #paths: readonly string[]
  readonly #read: () => Promise<void>
  readonly #watcher: FolderWatcher
  #watching = false
  #closed = false
  #settling: NodeJS.Timeout | undefined = undefined
  #again: NodeJS.Timeout | undefined = undefined
  #poll: NodeJS.Timeout | undefined = undefined
  #checking: Promise<void> | undefined = undefined
  #changedSince = false

  /** @param read Must not reject. */
  constructor(paths: readonly string[], log: Scope['log'], read: () => Promise<void>) {
    this.#paths = [...new Set(paths)]
    this.#read = read
    this.#watcher = new FolderWatcher({
      onEvent: () => this.#settle(),
      onProblem: (folder, problem) =>
        log.warn({ folder, problem }, 'the system reports no changes; they are seen later'),
    })
  }

  start(): void {
    if (this.#closed || this.#watching) return
    this.#watching = true
    this.#poll = setInterval(() => void this.check(), pollMs).unref()
    // They may have changed between reading and watching.
    void this.check()
  }

  async check(): Promise<void> {
    // What is being read may already be old.
    this.#changedSince = true
    this.#checking ??= this.#checkUntilStill()
    await this.#checking
  }

  /** Looks once more in a moment, even if nothing changes. */
  checkSoon(): void {
    if (this.#closed) return
    clearTimeout(this.#again)
    this.#again = setTimeout(() => void this.check(), soonMs).unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#settling)
    clearTimeout(this.#again)
    clearInterval(this.#poll)
    this.#watcher[Symbol.dispose]()
    await this.#checking
  }

  #settle(): void {
    if (this.#closed) return
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => void this.check(), settleMs).unref()
  }

  async #checkUntilStill(): Promise<void> {
    while (this.#changedSince && !this.#closed) {
      this.#changedSince = false
      // What happens from now on is told.
      if (this.#watching) this.#watcher.watch(await this.#folders())
      await this.#read()
    }
    this.#checking = undefined
  }

  async #folders(): Promise<WatchedFolders> {
    const all = new Map<string, ReadonlySet<string> | undefined>()
    for (const path of this.#paths) {
      for (const [folder, names] of await linksOf(path)) all.set(folder, union(all, folder, names))
    }
    return all
  }
}

/** `undefined` stands for all names. */
function union(
  all: WatchedFolders,
  folder: string,
  names: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  const before = all.get(folder)
  if (names === undefined || (all.has(folder) && before === undefined)) return undefined
  return new Set([...(before ?? []), ...names])
}
