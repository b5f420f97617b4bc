/**
 * Tells when a file changes on which a gateway under development depends.
 *
 * @module
 */
import { statSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HclDocument } from '@gatewright/config-hcl'
import { problemOf } from '@gatewright/kernel'
import { fileOptionsOf } from '@gatewright/plugin-provider-file'
import { FolderWatcher, linksOf, type WatchedFolders } from '@gatewright/watched-file'
import type { Logger } from 'pino'
import { changedSince, isWithin, readSources, type SourceFiles } from './source-files.ts'

/** What a change asks for. */
export interface SourceChanges {
  /** A configuration file was saved. */
  configuration(): void
  /** The sources of a plugin were; `path` is the last of them. */
  sources(path: string): void
}

/** Editors write a file in several steps. */
const quietMs = 80
/** How often files are looked at if the system cannot tell of changes. */
const pollMs = 2000

/**
 * Watches the folder of the configuration, that of its `providers` block, and the folder of each
 * plugin that it lists by its path. What lies below counts too, except what was installed.
 */
export class SourceWatch implements Disposable {
  readonly #log: Logger
  readonly #changes: SourceChanges
  readonly #folders: FolderWatcher
  #main = ''
  #roots: readonly string[] = []
  #told: SourceFiles = { folders: new Set(), stamps: new Map() }
  #timer: NodeJS.Timeout | undefined = undefined
  #poll: NodeJS.Timeout | undefined = undefined
  /** Ends with the look that goes on. */
  #looking: Promise<void> = Promise.resolve()
  #closed = false

  constructor(log: Logger, changes: SourceChanges) {
    this.#log = log
    this.#changes = changes
    this.#folders = new FolderWatcher({
      onEvent: () => this.#onEvent(),
      onProblem: (folder, problem) => this.#pollInstead(folder, problem),
    })
  }

  /**
   * Watches what this configuration depends on, and nothing else any more. Comes back when every
   * later change will be told.
   * @param document Without one, for a file that cannot be read, only its folder.
   */
  async follow(file: string, document: HclDocument | undefined): Promise<void> {
    const before = this.#roots
    this.#main = resolve(file)
    this.#roots = [dirname(this.#main), ...(document === undefined ? [] : foldersOf(document))]
    // What was not watched before has not changed.
    const added = this.#roots.filter((root) => !before.some((known) => isWithin(root, known)))
    await this.#look(added)
  }

  [Symbol.dispose](): void {
    this.#closed = true
    clearTimeout(this.#timer)
    clearInterval(this.#poll)
    this.#folders[Symbol.dispose]()
  }

  #onEvent(): void {
    clearTimeout(this.#timer)
    if (!this.#closed) this.#timer = setTimeout(() => void this.#look([]), quietMs)
  }

  /** One at a time, so that each compares with what the last has told. Never rejects. */
  #look(added: readonly string[]): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#compare(added))
      .catch((error: unknown) =>
        this.#log.warn({ problem: problemOf(error) }, 'changes of files are not noticed'),
      )
    return this.#looking
  }

  async #compare(added: readonly string[]): Promise<void> {
    if (this.#closed) return
    const named = new Set([this.#main])
    const { folders } = await readSources(this.#roots, named)
    this.#folders.watch(await this.#watched(folders))
    // After that, so that no change falls in between.
    const found = await readSources(this.#roots, named)
    if (this.#closed) return
    if (![...found.folders].every((folder) => folders.has(folder))) this.#onEvent()
    const isNew = (path: string): boolean => added.some((root) => isWithin(path, root))
    const changed = changedSince(this.#told, found).filter((path) => !isNew(path))
    this.#told = found
    this.#tell(changed)
  }

  /** Also the folders of the links that lead to these. */
  async #watched(folders: ReadonlySet<string>): Promise<WatchedFolders> {
    const watched = new Map<string, ReadonlySet<string> | undefined>()
    for (const path of [this.#main, ...this.#roots]) {
      for (const [folder, names = new Set<string>()] of await linksOf(path)) {
        watched.set(folder, new Set([...(watched.get(folder) ?? []), ...names]))
      }
    }
    for (const folder of folders) watched.set(folder, undefined)
    return watched
  }

  #tell(changed: readonly string[]): void {
    const isConfig = (path: string): boolean => path === this.#main || path.endsWith('.hcl')
    const source = changed.findLast((path) => !isConfig(path))
    if (changed.some(isConfig)) this.#changes.configuration()
    if (source !== undefined) this.#changes.sources(source)
  }

  #pollInstead(folder: string, problem: string): void {
    const fields = { folder, problem }
    this.#log.warn(fields, 'the system reports no changes; files are looked at instead')
    this.#poll ??= setInterval(() => void this.#look([]), pollMs).unref()
  }
}

/** Folders beside its own that a configuration names: of fragments, and of plugins. */
function foldersOf(document: HclDocument): string[] {
  const folder = dirname(resolve(document.file))
  const fragments = fileOptionsOf(document)?.directory
  const sources = localSources(document, folder)
  return fragments === undefined ? sources : [resolve(folder, fragments), ...sources]
}

/** Folders of the plugins that are listed by their path. */
function localSources({ config }: HclDocument, folder: string): string[] {
  const blocks: unknown = config['plugins']
  if (typeof blocks !== 'object' || blocks === null) return []
  return Object.values(blocks).flatMap((block: unknown) => {
    const [inner = block] = Array.isArray(block) ? block : [block]
    const source: unknown = Object(inner).source
    if (typeof source !== 'string') return []
    if (source.startsWith('file:')) return [dirname(fileURLToPath(source))]
    if (!source.startsWith('.') && !isAbsolute(source)) return []
    const path = resolve(folder, source)
    // A plugin may be named by the folder of its package.
    return isFolder(path) ? [path] : [dirname(path)]
  })
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
