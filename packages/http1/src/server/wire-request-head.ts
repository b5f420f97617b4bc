import type { HeaderList, RequestHead } from '@gatewright/kernel'
import type { Head } from '../head/head.ts'
import { WireHeaders } from '../wire-headers.ts'

/**
 * A received request head, made into strings on demand, each part at most once. What nobody has
 * asked for reads as empty once the head has been given back to its pool.
 */
export class WireRequestHead implements RequestHead {
  readonly headers: HeaderList
  readonly upgrade = undefined
  readonly #head: Head
  readonly #generation: number
  #method: string | undefined = undefined
  #target: string | undefined = undefined
  #authority: string | undefined = undefined

  constructor(head: Head) {
    this.#head = head
    this.#generation = head.generation
    this.headers = new WireHeaders(head)
  }

  /** What the strings are read from; `undefined` once it may be the head of another request. */
  get head(): Head | undefined {
    return this.#head.generation === this.#generation ? this.#head : undefined
  }

  get method(): string {
    return (this.#method ??= this.head?.methodText ?? '')
  }

  get target(): string {
    return (this.#target ??= this.head?.targetText ?? '')
  }

  get authority(): string {
    return (this.#authority ??= this.head?.hostText.toLowerCase() ?? '')
  }
}
