/**
 * The exchanges that hold a snapshot.
 *
 * @module
 */
import type { Exchange } from './exchange.ts'

/**
 * A list that is linked through its members, since every request is added and removed once. An
 * exchange is in one list at a time.
 */
export class ExchangeList {
  #first: Exchange | undefined = undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  add(exchange: Exchange): void {
    const after = this.#first
    if (after !== undefined) after.before = exchange
    exchange.after = after
    exchange.before = undefined
    this.#first = exchange
    this.#size++
  }

  /** The exchange must be in this list. */
  remove(exchange: Exchange): void {
    const { before, after } = exchange
    if (before === undefined) this.#first = after
    else before.after = after
    if (after !== undefined) after.before = before
    exchange.before = undefined
    exchange.after = undefined
    this.#size--
  }

  /** A copy, since whoever looks through it may end some. */
  toArray(): Exchange[] {
    const exchanges: Exchange[] = []
    for (let exchange = this.#first; exchange !== undefined; exchange = exchange.after) {
      exchanges.push(exchange)
    }
    return exchanges
  }
}
