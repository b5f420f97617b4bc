import type { HeaderList, HttpVersion, RequestHead } from '@gatewright/kernel'
import type { Head } from '../head/head.ts'
import { WireHeaders } from '../wire-headers.ts'
import type { HostMemory } from './host-memory.ts'

/**
 * A received request head, made into strings on demand, each part at most once. What nobody has
 * asked for reads as empty once the head has been given back to its pool.
 */
export class WireRequestHead implements RequestHead {
  readonly headers: HeaderList
  readonly upgrade: string | undefined
  readonly #head: Head
  readonly #generation: number
  readonly #memory: HostMemory
  #method: string | undefined = undefined
  #target: string | undefined = undefined
  #authority: string | undefined = undefined

  /**
   * @param memory Of the connection, for what most requests have in common.
   * @param upgrade The protocol that it asks for, of those that somebody knows.
   */
  constructor(head: Head, memory: HostMemory, upgrade: string | undefined) {
    this.#head = head
    this.#memory = memory
    this.upgrade = upgrade
    this.#generation = head.generation
    this.headers = new WireHeaders(head)
  }

  /** What the strings are read from; `undefined` once it may be the head of another request. */
  get head(): Head | undefined {
    return this.#head.generation === this.#generation ? this.#head : undefined
  }

  get version(): HttpVersion {
    return this.head?.minor === 0 ? '1.0' : '1.1'
  }

  get method(): string {
    return (this.#method ??= this.head?.methodText ?? '')
  }

  get target(): string {
    return (this.#target ??= this.head?.targetText ?? '')
  }

  get authority(): string {
    this.#authority ??= this.head === undefined ? '' : this.#memory.authorityOf(this.head)
    return this.#authority
  }
}
