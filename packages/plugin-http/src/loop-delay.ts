/** Told how late the event loop is. */
export interface LoopWatcher {
  /** @param delayMs Between when a timer was due and when it ran. */
  onDelay(delayMs: number): void
}

const intervalMs = 250

/** Measures how long what is due has to wait, with one timer for the process. */
export class LoopDelay {
  readonly #watchers = new Set<LoopWatcher>()
  #timer: NodeJS.Timeout | undefined = undefined
  #dueAt = 0

  watch(watcher: LoopWatcher): void {
    this.#watchers.add(watcher)
    if (this.#timer !== undefined) return
    this.#dueAt = performance.now() + intervalMs
    this.#timer = setInterval(() => this.tick(performance.now()), intervalMs).unref()
  }

  unwatch(watcher: LoopWatcher): void {
    this.#watchers.delete(watcher)
    if (this.#watchers.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Tells everybody how late `now` is. Runs by itself four times a second. */
  tick(now: number): void {
    const delayMs = Math.max(0, now - this.#dueAt)
    this.#dueAt = now + intervalMs
    for (const watcher of this.#watchers) watcher.onDelay(delayMs)
  }
}

/** That of this thread. */
export const loopDelay: LoopDelay = new LoopDelay()
