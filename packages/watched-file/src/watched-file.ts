import { readFile, stat } from 'node:fs/promises'
import { type ConfigPath, isGatewayError, problemOf, type Scope } from '@gatewright/kernel'
import { errors } from './errors.ts'
import { FolderWatcher } from './folder-watcher.ts'
import type { LastText } from './last-text.ts'
import { linksOf } from './path-links.ts'

/** Which file, and what its text means. */
export interface WatchedFileOptions<T> {
  /** As it stands in the options; see `Scope.resolvePath`. */
  readonly path: string
  /** Where that is, such as `['keys_file']`, for the error if there is no good value to begin with. */
  readonly option?: ConfigPath
  /**
   * Makes a value of the text. Throws an `Error` whose message says what is wrong, without secrets,
   * since it is logged; the last good value stays in use then.
   */
  readonly parse: (text: string) => T
  /** Told every value but the first. */
  readonly onChange?: (value: T) => void
  /**
   * Has all blocks of a plugin that give the same text share one watcher, one parse and one value for
   * the same path, over reloads. It says what the value is, with everything that `parse` depends on
   * but the text: `countries`. Without it each block follows the file by itself.
   */
  readonly share?: string
  /** A larger file is an error. Default 16 MiB. */
  readonly maxBytes?: number
  /**
   * How often the file is looked at even if the system reports no change, which it does not on
   * network file systems. Default 10,000.
   */
  readonly pollMs?: number
}

/** One change is often several events; a writer may take several steps. */
const settleMs = 50

/** The last good content of a file. Made by `openWatchedFile`. */
export class WatchedFile<T> {
  readonly path: string
  readonly #options: WatchedFileOptions<T>
  readonly #log: Scope['log']
  readonly #last: LastText
  #value: T
  #text: string
  #problem: string | undefined = undefined
  readonly #watcher: FolderWatcher
  #watching = false
  #settling: NodeJS.Timeout | undefined = undefined
  #poll: NodeJS.Timeout | undefined = undefined
  #checking: Promise<void> | undefined = undefined
  #changedSince = false
  #closed = false

  /** @internal */
  constructor(
    path: string,
    text: string,
    last: LastText,
    log: Scope['log'],
    options: WatchedFileOptions<T>,
  ) {
    this.path = path
    this.#text = text
    this.#last = last
    this.#log = log
    this.#options = options
    this.#value = this.#parse(text)
    this.#watcher = new FolderWatcher({
      onEvent: () => this.#settle(),
      onProblem: (folder, problem) =>
        log.warn({ path, folder, problem }, 'the system reports no changes; they are seen later'),
    })
  }

  /** Costs nothing; never anything but a good value. */
  get value(): T {
    return this.#value
  }

  /** Begins to watch. @internal */
  watch(): void {
    if (this.#closed || this.#watching) return
    this.#watching = true
    this.#last.text = this.#text
    this.#poll = setInterval(() => void this.check(), this.#options.pollMs ?? 10_000).unref()
    // It may have changed between reading and watching.
    void this.check()
  }

  /** Looks whether the file has changed, at once. Never rejects. */
  async check(): Promise<void> {
    // What is being read may already be old.
    this.#changedSince = true
    this.#checking ??= this.#checkUntilStill()
    await this.#checking
  }

  /** Says the same only once, since it is looked at again and again. @internal */
  complain(error: unknown): void {
    const problem = problemOf(error)
    if (this.#closed || problem === this.#problem) return
    this.#problem = problem
    const { path } = this
    const code = isGatewayError(error) ? error.code : undefined
    this.#log.error({ code, path, problem }, 'watched file is not usable; its last content stays')
  }

  /** Stops watching; the value stays. @internal */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#settling)
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
      if (this.#watching) this.#watcher.watch(await linksOf(this.path))
      await this.#reload()
    }
    this.#checking = undefined
  }

  async #reload(): Promise<void> {
    try {
      const text = await readText(this.path, this.#options)
      if (this.#closed) return
      if (text !== this.#text) {
        this.#value = this.#parse(text)
        this.#text = text
        if (this.#watching) this.#last.text = text
        this.#log.info({ path: this.path }, 'watched file was read again')
        this.#options.onChange?.(this.#value)
      }
      this.#problem = undefined
    } catch (error) {
      this.complain(error)
    }
  }

  #parse(text: string): T {
    try {
      return this.#options.parse(text)
    } catch (cause) {
      const problem = problemOf(cause)
      throw errors.GW_WATCHED_FILE_INVALID(
        { path: this.path, problem },
        { cause, option: this.#options.option ?? [] },
      )
    }
  }
}

/** The whole file. Throws GW_WATCHED_FILE_UNREADABLE. */
export async function readText(
  path: string,
  {
    maxBytes = 16 * 1024 * 1024,
    option = [],
  }: Pick<WatchedFileOptions<unknown>, 'maxBytes' | 'option'>,
): Promise<string> {
  const problem = await problemWith(path, maxBytes)
  if (problem !== undefined) throw errors.GW_WATCHED_FILE_UNREADABLE({ path, problem }, { option })
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw errors.GW_WATCHED_FILE_UNREADABLE({ path, problem: reasonOf(cause) }, { cause, option })
  }
}

/** To read a pipe or a device would never end. */
async function problemWith(path: string, maxBytes: number): Promise<string | undefined> {
  try {
    const stats = await stat(path)
    if (!stats.isFile()) return 'it is no file'
    if (stats.size > maxBytes) return `it is larger than ${maxBytes} bytes`
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}

/** Node's own messages repeat the path. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES') return 'reading it is not permitted'
  return problemOf(error)
}
