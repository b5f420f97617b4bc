import { overwrite, poisoning } from '../poison.ts'
import { Head } from './head.ts'

/** Heads that grew beyond this are not kept, so that one large head costs no memory for ever. */
const keptBytes = 4096

/** How a pool differs from the usual. */
export interface HeadPoolOptions {
  /** Heads kept for the next message. Default 512. */
  readonly size?: number
  /** Overwrites the bytes of a head that comes back. Default: what `poison.ts` says. */
  readonly poison?: boolean
}

/** Heads for reuse, since a new one costs three buffers. */
export class HeadPool {
  readonly #free: Head[] = []
  readonly #size: number
  readonly #poison: boolean

  constructor({ size = 512, poison = poisoning }: HeadPoolOptions = {}) {
    this.#size = size
    this.#poison = poison
  }

  /** How many heads wait for use. */
  get available(): number {
    return this.#free.length
  }

  /** An empty head. Belongs to the caller until {@link HeadPool.release}. */
  take(): Head {
    const head = this.#free.pop() ?? new Head()
    head.released = false
    return head
  }

  /** Takes a head back, once. Everything that still looks at it reads as empty from now on. */
  release(head: Head): void {
    // Given back twice, it would become the head of two exchanges.
    if (head.released) throw new Error('the head was released before')
    head.released = true
    head.generation++
    head.reset()
    if (this.#poison) {
      overwrite(head.buf, 0, head.buf.length)
      head.lines.fill(0)
      head.kinds.fill(0)
    }
    if (this.#free.length < this.#size && head.buf.length <= keptBytes) this.#free.push(head)
  }
}
