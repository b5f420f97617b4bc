import type { RequestContext } from '@gatewright/kernel'
import { Fault, incomplete } from '../faults.ts'
import type { Head } from '../head/head.ts'
import { HeadReader } from '../head/head-reader.ts'
import { parseResponseHead } from '../head/parse.ts'
import { WireHeaders } from '../wire-headers.ts'
import type { ClientEnvironment } from './upstream-settings.ts'

/** Reads the response heads of one connection, one after the other, and passes interim ones on. */
export class ResponseHeadReader {
  readonly #environment: ClientEnvironment
  readonly #reader: HeadReader
  /** Of the interim responses ahead of the final one. */
  #interimBytes = 0
  #head: Head | undefined = undefined

  constructor(environment: ClientEnvironment) {
    const { limits } = environment
    this.#environment = environment
    this.#reader = new HeadReader(parseResponseHead, limits, limits.responseHeadBytes)
  }

  /**
   * Takes the bytes of one read, up to the end of a head that is final or switches protocols.
   * @param ctx Who is told of interim responses, if anybody.
   * @returns The position behind that head, which {@link ResponseHeadReader.take} gives out. Else
   * `incomplete` with all bytes kept, or a fault.
   */
  read(buf: Buffer, start: number, end: number, ctx: RequestContext | undefined): number {
    let from = start
    while (from < end) {
      const head = (this.#head ??= this.#environment.heads.take())
      const used = this.#reader.read(buf, from, end, head)
      if (used <= incomplete) return used
      this.#reader.reset()
      from += used
      if (head.status >= 200 || head.status === 101) {
        this.#interimBytes = 0
        return from
      }
      this.#interimBytes += used
      // Each of them is small, but there may be no end of them.
      if (this.#interimBytes > this.#environment.limits.responseHeadBytes) return Fault.headTooLarge
      // 100 was answered by the server side; the others are for the client.
      if (head.status !== 100) ctx?.inform(head.status, new WireHeaders(head))
      this.drop()
    }
    return incomplete
  }

  /** The head that was read; it belongs to the caller from now on. */
  take(): Head | undefined {
    const head = this.#head
    this.#head = undefined
    return head
  }

  /** Gives back what was begun. */
  drop(): void {
    const head = this.take()
    if (head !== undefined) this.#environment.heads.release(head)
  }
}
