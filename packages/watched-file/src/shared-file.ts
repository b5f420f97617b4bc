import type { Scope } from '@gatewright/kernel'
import { LastText } from './last-text.ts'
import { readText, WatchedFile, type WatchedFileOptions } from './watched-file.ts'

/** A file that several blocks follow together, over reloads: read, parsed and told of once. */
export class SharedFile<T> implements AsyncDisposable {
  /** Told every value but the first. */
  readonly listeners: Set<(value: T) => void> = new Set()
  readonly #path: string
  /** `undefined` comes of what could not be opened. */
  #opening: Promise<WatchedFile<T> | undefined> | undefined = undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Up to date. Rejects as for a block of its own; whoever comes next tries again. */
  async open(options: WatchedFileOptions<T>, log: Scope['log']): Promise<WatchedFile<T>> {
    while (this.#opening !== undefined) {
      const file = await this.#opening
      if (file === undefined) continue
      // A content that is broken now is complained of, and the last one stays.
      await file.check()
      return file
    }
    const opening = this.#read(options, log)
    this.#opening = opening.catch(() => {
      this.#opening = undefined
      return undefined
    })
    return await opening
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#opening)?.close()
  }

  async #read(options: WatchedFileOptions<T>, log: Scope['log']): Promise<WatchedFile<T>> {
    const text = await readText(this.#path, options)
    const onChange = (value: T): void => {
      for (const listener of this.listeners) listener(value)
    }
    return new WatchedFile(this.#path, text, new LastText(), log, { ...options, onChange })
  }
}
