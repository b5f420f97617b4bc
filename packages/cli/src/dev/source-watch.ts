/**
 * Tells when a file changes on which a gateway under development depends.
 *
 * @module
 */
import { type FSWatcher, statSync, watch } from 'node:fs'
import { dirname, isAbsolute, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HclDocument } from '@gatewright/config-hcl'
import { problemOf } from '@gatewright/kernel'
import type { Logger } from 'pino'

/** What a change asks for. */
export interface SourceChanges {
  /** A configuration file was saved. */
  configuration(): void
  /** The sources of a plugin were; `path` is the last of them. */
  sources(path: string): void
}

/** Editors write a file in several steps. */
const quietMs = 80
/** What builds and tools make. */
const ignored = /(?:^|[\\/])(?:node_modules|\.git|coverage)(?:[\\/]|$)|~$|\.sw[px]$/
const code = /\.(?:[cm]?[jt]s|json|wasm)$/

/**
 * Watches the folder of the configuration, and the folder of each plugin that it lists by its path.
 * What lies below counts too, except what was installed.
 */
export class SourceWatch implements Disposable {
  readonly #log: Logger
  readonly #changes: SourceChanges
  readonly #watchers = new Map<string, FSWatcher>()
  /** Files that are part of the configuration. */
  #isConfig: (path: string) => boolean = () => false
  #timer: NodeJS.Timeout | undefined = undefined
  /** What changed since all was quiet. */
  #config = false
  #source: string | undefined = undefined

  constructor(log: Logger, changes: SourceChanges) {
    this.#log = log
    this.#changes = changes
  }

  /**
   * Watches what this configuration depends on, and nothing else any more.
   * @param document Without one, for a file that cannot be read, only its folder.
   */
  follow(file: string, document: HclDocument | undefined): void {
    const main = resolve(file)
    const folder = dirname(main)
    const sources = document === undefined ? [] : localSources(document, folder)
    this.#isConfig = (path) => path === main || path.endsWith('.hcl')
    const wanted = new Set([folder, ...sources.map((source) => dirname(source))])
    for (const [path, watcher] of this.#watchers) {
      if (wanted.has(path)) continue
      watcher.close()
      this.#watchers.delete(path)
    }
    for (const path of wanted) if (!this.#watchers.has(path)) this.#watch(path)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers.values()) watcher.close()
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { recursive: true }, (_event, name) => {
        if (name !== null) this.#note(resolve(folder, name), name)
      })
      watcher.on('error', (error) => this.#fail(folder, error))
      this.#watchers.set(folder, watcher)
    } catch (error) {
      this.#fail(folder, error)
    }
  }

  #note(path: string, name: string): void {
    if (ignored.test(name)) return
    if (this.#isConfig(path)) this.#config = true
    else if (code.test(name)) this.#source = path
    else return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#tell(), quietMs)
  }

  #tell(): void {
    const source = this.#source
    const config = this.#config
    this.#source = undefined
    this.#config = false
    if (config) this.#changes.configuration()
    if (source !== undefined) this.#changes.sources(source)
  }

  #fail(folder: string, error: unknown): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
    this.#log.warn({ folder, problem: problemOf(error) }, 'changes of a folder are not noticed')
  }
}

/** Files of the plugins that are listed by their path. */
function localSources({ config }: HclDocument, folder: string): string[] {
  const blocks: unknown = config['plugins']
  if (typeof blocks !== 'object' || blocks === null) return []
  return Object.values(blocks).flatMap((block: unknown) => {
    const [inner = block] = Array.isArray(block) ? block : [block]
    const source: unknown = Object(inner).source
    if (typeof source !== 'string') return []
    if (source.startsWith('file:')) return [fileURLToPath(source)]
    if (!source.startsWith('.') && !isAbsolute(source)) return []
    const path = resolve(folder, source)
    // A plugin may be named by the folder of its package.
    return isFolder(path) ? [`${path}${sep}index`] : [path]
  })
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
