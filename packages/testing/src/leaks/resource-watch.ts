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
 * The text of the time that `node:http` has for every `Date` it sends, for a second and for the whole
 * process: whoever answers first in a second would be blamed for its timer.
 */
const sharedByNode = /at utcDate \(node:internal\/http:/

/** `fetch` of Node, whose connections are those of the process. */
const ofFetch = /node:internal\/deps\/undici/

/** Something that was started. */
interface Started {
  readonly what: string
  /** True while nobody waits for it, and only the pool of `fetch` keeps it. */
  readonly isIdle: () => boolean
}

/** Frames that say nothing about who did it. */
const inner =
  /node:|\/packages\/(?:testing|kernel)\/src\/|@gatewright\/(?:testing|kernel)\/|async_hooks/

/**
 * Tells which timers, sockets, watchers and processes some code starts, directly or later on, apart
 * from everything else that the process does.
 */
export class ResourceWatch implements Disposable {
  readonly #watched = new AsyncLocalStorage<boolean>()
  readonly #live = new Map<number, Started>()
  #opened: string[] = []
  readonly #hook = createHook({
    init: (id, type, _trigger, resource) => {
      if (!kinds.has(type) || this.#watched.getStore() !== true) return
      const { stack } = new Error('started')
      if (stack !== undefined && sharedByNode.test(stack)) return
      const what = `${type}${placeOf(stack)}`
      this.#opened.push(what)
      this.#live.set(id, { what, isIdle: idlenessOf(resource, stack) })
    },
    destroy: (id) => void this.#live.delete(id),
  })

  constructor() {
    this.#hook.enable()
  }

  /** Names something that is being started and that Node knows nothing of, if it is watched. */
  name(type: string): string | undefined {
    if (this.#watched.getStore() !== true) return undefined
    return `${type}${placeOf(new Error('started').stack)}`
  }

  /** Everything that was started since the last call. */
  takeOpened(): string[] {
    const opened = this.#opened
    this.#opened = []
    return opened
  }

  /**
   * What was started and is still there. Connections that `fetch` keeps for later requests are not
   * among it: nobody but the process can close them.
   */
  get live(): string[] {
    return [...this.#live.values()].filter(({ isIdle }) => !isIdle()).map(({ what }) => what)
  }

  /** Runs the code to be watched. */
  run<T>(fn: () => T): T {
    return this.#watched.run(true, fn)
  }

  [Symbol.dispose](): void {
    this.#hook.disable()
  }
}

/** The pool of `fetch` lets the process end while nothing is under way on a connection. */
function idlenessOf(resource: object, stack: string | undefined): () => boolean {
  if (stack === undefined || !ofFetch.test(stack)) return () => false
  const weak = new WeakRef(resource)
  return () => {
    const handle = weak.deref()
    if (handle === undefined) return true
    return 'hasRef' in handle && typeof handle.hasRef === 'function' && handle.hasRef() === false
  }
}

/** The nearest place that is neither Node nor the gateway itself. */
function placeOf(stack: string | undefined): string {
  const frame = stack
    ?.split('\n')
    .slice(1)
    .find((line) => !inner.test(line))
  const place = frame === undefined ? undefined : /\(?([^\s()]+:\d+:\d+)\)?$/.exec(frame)?.[1]
  return place === undefined ? '' : ` (${place.replace('file://', '')})`
}
