/**
 * The signal of one exchange, and what went wrong when it was given up.
 *
 * @module
 */
import { isThenable } from './awaitable.ts'

type Listener = Parameters<AbortSignal['addEventListener']>[1]
type AddOptions = Parameters<AbortSignal['addEventListener']>[2]
type RemoveOptions = Parameters<AbortSignal['removeEventListener']>[2]

/**
 * The signal that tells of an abort. What a listener throws would end the process, since an
 * `EventTarget` reports it as uncaught; here it is kept until somebody wants to know.
 */
export class AbortState {
  readonly #controller = new AbortController()
  /** By listener, so that it can be removed again. */
  readonly #contained = new WeakMap<object, (event: Event) => void>()
  #failures: unknown[] = []
  #report: ((error: unknown) => void) | undefined = undefined

  constructor() {
    const { signal } = this.#controller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (type: string, listener: Listener, options?: AddOptions) => {
      if (listener !== null) add(type, this.#contain(listener), options)
    }
    signal.removeEventListener = (type: string, listener: Listener, options?: RemoveOptions) => {
      if (listener !== null) remove(type, this.#contained.get(listener) ?? listener, options)
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason)
  }

  /** Something that was to stop failed instead. */
  fail(error: unknown): void {
    if (this.#report === undefined) this.#failures.push(error)
    else this.#report(error)
  }

  /** Hands over the failures so far, and those to come. */
  reportTo(report: (error: unknown) => void): void {
    this.#report = report
    for (const failure of this.#failures.splice(0)) report(failure)
  }

  #contain(listener: NonNullable<Listener>): (event: Event) => void {
    const known = this.#contained.get(listener)
    if (known !== undefined) return known
    const contained = (event: Event): void => {
      try {
        const pending: unknown =
          typeof listener === 'function'
            ? listener.call(this.signal, event)
            : listener.handleEvent(event)
        // An async function passes for one that returns nothing.
        if (isThenable(pending)) pending.then(undefined, (error: unknown) => this.fail(error))
      } catch (error) {
        this.fail(error)
      }
    }
    this.#contained.set(listener, contained)
    return contained
  }
}
