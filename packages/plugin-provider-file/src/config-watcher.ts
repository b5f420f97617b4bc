/**
 * Tells when the files of a configuration have changed.
 *
 * @module
 */
import { resolve } from 'node:path'
import type { Scope } from '@gatewright/kernel'
import { FolderWatcher } from '@gatewright/watched-file'
import { ConfigFiles, type FileState, type FileTexts } from './config-files.ts'
import { graceMs } from './grace.ts'
import type { FileOptions } from './options.ts'

/** What is watched, and who is told. */
export interface WatchedConfig {
  readonly log: Scope['log']
  /** The main file. */
  readonly main?: string
  /** What was read from it; default: what it has when the watcher starts. */
  readonly mainText?: string
  /** Absolute path of the folder with more files. */
  readonly directory?: string
  /** Called when there is something new, as far as can be seen complete. */
  onChange(): void
}

/** How often files are looked at if the system cannot tell of changes. */
const fallbackPollMs = 5000

/**
 * Watches the files of a configuration. Waits until nothing changes any more, and for writers that
 * are half done; then compares contents, so that it tells of every change and of nothing else. Does
 * not keep the process alive.
 */
export class ConfigWatcher implements AsyncDisposable {
  readonly #config: WatchedConfig
  readonly #debounceMs: number
  readonly #files: ConfigFiles
  readonly #folders: FolderWatcher
  #pollMs: number
  #poll: NodeJS.Timeout | undefined = undefined
  #timer: NodeJS.Timeout | undefined = undefined
  #firstEvent: number | undefined = undefined
  #told: FileState = { digest: '', digests: new Map() }
  #unfinishedSince: number | undefined = undefined
  #looking: Promise<void> | undefined = undefined
  #again = false
  #closed = false

  constructor(
    options: Pick<FileOptions, 'debounce_ms' | 'poll_secs'>,
    { main, ...config }: WatchedConfig,
  ) {
    this.#config = { ...config, ...(main !== undefined && { main: resolve(main) }) }
    this.#debounceMs = options.debounce_ms
    this.#pollMs = options.poll_secs * 1000
    this.#files = new ConfigFiles(this.#config)
    this.#folders = new FolderWatcher({
      onEvent: () => this.#onEvent(),
      onProblem: (folder, problem) => this.#pollMore(folder, problem),
    })
  }

  /** Comes back when every later change will be told. */
  async start(): Promise<void> {
    this.#tell(await this.#take())
    const { mainText } = this.#config
    if (mainText !== undefined) {
      const { digest } = this.#told
      this.#told = this.#files.withMain(this.#told, mainText)
      if (this.#told.digest !== digest) this.#onEvent()
    }
    this.#startPoll()
  }

  /** Looks now. Comes back when whatever happened before was told, or is waited for. */
  async look(): Promise<void> {
    clearTimeout(this.#timer)
    this.#firstEvent = undefined
    this.#again = true
    this.#looking ??= this.#lookUntilDone()
    await this.#looking
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#folders[Symbol.dispose]()
    clearInterval(this.#poll)
    clearTimeout(this.#timer)
    await this.#looking
  }

  /** Watches first and reads then, so that no change falls in between. */
  async #take(): Promise<FileTexts> {
    this.#folders.watch(await this.#files.folders())
    return await this.#files.read()
  }

  #onEvent(): void {
    const now = performance.now()
    this.#firstEvent ??= now
    const leftMs = this.#firstEvent + 4 * this.#debounceMs - now
    this.#lookIn(Math.min(this.#debounceMs, leftMs))
  }

  #lookIn(ms: number): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.look(), Math.max(0, ms)).unref()
  }

  async #lookUntilDone(): Promise<void> {
    try {
      while (this.#again && !this.#closed) {
        this.#again = false
        await this.#compare()
      }
    } catch (err) {
      this.#config.log.error({ err }, 'the files of the configuration could not be looked at')
    } finally {
      this.#looking = undefined
    }
  }

  async #compare(): Promise<void> {
    const state = await this.#take()
    if (this.#closed) return
    if (state.digest === this.#told.digest) {
      this.#unfinishedSince = undefined
      return
    }
    if (!(await this.#files.areWhole(state, this.#told))) {
      const now = performance.now()
      this.#unfinishedSince ??= now
      const leftMs = this.#unfinishedSince + graceMs - now
      if (leftMs > 0) return this.#lookIn(Math.min(this.#debounceMs, leftMs))
    }
    this.#unfinishedSince = undefined
    this.#tell(state)
    if (!this.#closed) this.#config.onChange()
  }

  /** Without the texts, which may be large. */
  #tell({ digest, digests }: FileState): void {
    this.#told = { digest, digests }
  }

  #startPoll(): void {
    clearInterval(this.#poll)
    if (this.#pollMs === 0 || this.#closed) return
    this.#poll = setInterval(() => void this.#peek(), this.#pollMs).unref()
  }

  /** Whoever is at it need not be done, so what is found is looked at again. */
  async #peek(): Promise<void> {
    if (this.#looking !== undefined || this.#firstEvent !== undefined) return
    try {
      if ((await this.#take()).digest !== this.#told.digest) this.#onEvent()
    } catch (err) {
      this.#config.log.error({ err }, 'the files of the configuration could not be looked at')
    }
  }

  #pollMore(folder: string, problem: string): void {
    const fields = { folder, problem }
    this.#config.log.warn(fields, 'the system reports no changes; files are looked at instead')
    if (this.#pollMs > 0 && this.#pollMs <= fallbackPollMs) return
    this.#pollMs = fallbackPollMs
    this.#startPoll()
  }
}
