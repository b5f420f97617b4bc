import { poison } from '../poison.ts'

/** Above the usual size of a socket's buffers, so that a read takes all that is there. */
const bulkBytes = 256 * 1024
/** Kept for the next bulk transfer. */
const maxFree = 16
/** All of them together, free ones included. */
const maxTotalBytes = 64 * 1024 * 1024

/** A buffer of one connection that reads much, from which the bytes are written straight on. */
export class BulkBuffer {
  readonly buf: Buffer = Buffer.allocUnsafeSlow(bulkBytes)
  /** Writes out of it that are under way. Until there are none, nothing may be read into it. */
  #writes = 0
  /** A connection reads into it. */
  #lent = false
  #pool: BulkBuffers
  /** Told once when the writes are done. */
  #waiting: (() => void) | undefined = undefined

  constructor(pool: BulkBuffers) {
    this.#pool = pool
  }

  /** True while a write out of it is under way. */
  get busy(): boolean {
    return this.#writes > 0
  }

  lend(): void {
    this.#lent = true
  }

  /** The connection reads into another buffer now, or is closed. */
  giveBack(): void {
    this.#lent = false
    this.#waiting = undefined
    this.#settle()
  }

  beginWrite(): void {
    this.#writes++
  }

  endWrite(): void {
    this.#writes--
    this.#settle()
    if (this.busy) return
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  /** Calls back once no write is under way any more. */
  whenIdle(callback: () => void): void {
    this.#waiting = callback
  }

  #settle(): void {
    if (!this.#lent && !this.busy) this.#pool.release(this)
  }
}

/** The bulk buffers of this thread. */
export class BulkBuffers {
  readonly #free: BulkBuffer[] = []
  #count = 0

  /** Buffers in use. */
  get lent(): number {
    return this.#count - this.#free.length
  }

  /** `undefined` above the bound: then whoever asked goes on with what it has. */
  take(): BulkBuffer | undefined {
    const buffer = this.#free.pop() ?? this.#create()
    buffer?.lend()
    return buffer
  }

  /** @internal */
  release(buffer: BulkBuffer): void {
    if (this.#free.length >= maxFree) {
      this.#count--
      return
    }
    poison(buffer.buf, 0, bulkBytes)
    this.#free.push(buffer)
  }

  #create(): BulkBuffer | undefined {
    if ((this.#count + 1) * bulkBytes > maxTotalBytes) return undefined
    this.#count++
    return new BulkBuffer(this)
  }
}

/** One for all connections. */
export const bulkBuffers: BulkBuffers = new BulkBuffers()
