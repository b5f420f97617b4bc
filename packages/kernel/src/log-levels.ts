/**
 * How much a log says, changed while its gateway runs.
 *
 * @module
 */
import type { Logger } from 'pino'

/** So many logs may be made before those that nobody uses any more are looked for. */
const fewLogs = 256

/** The level of a log and of all logs that are made of it. */
export class LogLevels {
  readonly #log: Logger
  /** The level that the log came with. */
  readonly #usual: string
  readonly #made = new Set<WeakRef<Logger>>()
  #forgetAt = fewLogs

  constructor(log: Logger) {
    this.#log = log
    this.#usual = log.level
    const before = log.onChild
    log.onChild = (child) => {
      before.call(log, child)
      this.#follow(child)
    }
  }

  /** Has all of them say as much as that; `undefined` for as much as at the start. */
  use(level: string = this.#usual): void {
    if (this.#log.level === level) return
    this.#log.level = level
    for (const ref of this.#made) {
      const log = ref.deref()
      if (log === undefined) this.#made.delete(ref)
      else log.level = level
    }
  }

  #follow(child: Logger): void {
    // Somebody wants that one to say something else, such as nothing.
    if (child.level !== this.#log.level) return
    this.#made.add(new WeakRef(child))
    if (this.#made.size < this.#forgetAt) return
    for (const ref of this.#made) if (ref.deref() === undefined) this.#made.delete(ref)
    this.#forgetAt = Math.max(fewLogs, this.#made.size * 2)
  }
}
