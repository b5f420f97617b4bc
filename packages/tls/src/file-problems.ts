import { asGatewayError, type Scope } from '@gatewright/kernel'

/**
 * How long a writer may take for files that belong together, such as a certificate and its key: on a
 * busy machine a script takes a second between them.
 */
const doubtMs = 2000

/**
 * Warns of files that cannot be used any more. Says the same only once, since they are looked at
 * again and again; and not at once, since they are written one after the other.
 */
export class FileProblems {
  readonly #log: Scope['log']
  readonly #message: string
  readonly #checkSoon: () => void
  /** What was said last, by part. */
  readonly #said = new Map<string, string>()
  /** Since when a part may be only half of a change: it is said if it is still so a moment later. */
  readonly #doubts = new Map<string, number>()

  /** @param checkSoon Has the files looked at again in a moment. */
  constructor(log: Scope['log'], message: string, checkSoon: () => void) {
    this.#log = log
    this.#message = message
    this.#checkSoon = checkSoon
  }

  /** @param part What cannot be used, while other parts may be well. */
  found(part: string, error: unknown): void {
    const { code, message: problem } = asGatewayError(error)
    if (this.#said.get(part) === problem) return
    const now = performance.now()
    const since = this.#doubts.get(part) ?? now
    this.#doubts.set(part, since)
    if (now - since < doubtMs) return this.#checkSoon()
    this.#said.set(part, problem)
    this.#log.warn({ code, problem }, this.#message)
  }

  /** It can be used. */
  solved(part: string): void {
    this.#said.delete(part)
    this.#doubts.delete(part)
  }
}
