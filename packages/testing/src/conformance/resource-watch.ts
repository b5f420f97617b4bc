import { AsyncLocalStorage, createHook } from 'node:async_hooks'

/** What keeps something running or open, as Node names it. Files that are read are not among it. */
const kinds = new Set([
  'FSEVENTWRAP',
  'GETADDRINFOREQWRAP',
  'HTTP2SESSION',
  'HTTPCLIENTREQUEST',
  'PIPESERVERWRAP',
  'PIPEWRAP',
  'PROCESSWRAP',
  'SIGNALWRAP',
  'STATWATCHER',
  'TCPSERVERWRAP',
  'TCPWRAP',
  'Timeout',
  'UDPWRAP',
  'WORKER',
])

/**
 * Tells which timers, sockets, watchers and processes some code starts, directly or later on, apart
 * from everything else that the process does.
 */
export class ResourceWatch implements Disposable {
  readonly #watched = new AsyncLocalStorage<true>()
  readonly #live = new Map<number, string>()
  #opened: string[] = []
  readonly #hook = createHook({
    init: (id, type) => {
      if (!kinds.has(type) || this.#watched.getStore() !== true) return
      this.#opened.push(type)
      this.#live.set(id, type)
    },
    destroy: (id) => void this.#live.delete(id),
  })

  constructor() {
    this.#hook.enable()
  }

  /** Everything that was started since the last call. */
  takeOpened(): string[] {
    const opened = this.#opened
    this.#opened = []
    return opened
  }

  /** What was started and is still there. */
  get live(): string[] {
    return [...this.#live.values()]
  }

  /** Runs the code to be watched. */
  run<T>(fn: () => T): T {
    return this.#watched.run(true, fn)
  }

  [Symbol.dispose](): void {
    this.#hook.disable()
  }
}
