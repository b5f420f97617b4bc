import type { HeaderList, RequestHead } from '@gatewright/kernel'
import type { Head } from '../head/head.ts'
import { WireHeaders } from '../wire-headers.ts'

/** A received request head, made into strings on demand, each part at most once. */
export class WireRequestHead implements RequestHead {
  /** What the strings are read from. */
  readonly head: Head
  readonly headers: HeaderList
  readonly upgrade = undefined
  #method: string | undefined = undefined
  #target: string | undefined = undefined
  #authority: string | undefined = undefined

  constructor(head: Head) {
    this.head = head
    this.headers = new WireHeaders(head)
  }

  get method(): string {
    return (this.#method ??= this.head.methodText)
  }

  get target(): string {
    return (this.#target ??= this.head.targetText)
  }

  get authority(): string {
    return (this.#authority ??= this.head.hostText.toLowerCase())
  }
}
