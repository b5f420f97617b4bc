import { Socket } from 'node:net'
import { poison } from '../poison.ts'
import { resetSocket } from '../wire/reset-socket.ts'
import { SlabWire } from '../wire/slab-wire.ts'
import { type BulkBuffer, bulkBuffers } from './bulk-buffers.ts'
import {
  createWrite,
  endOfFile,
  handleOf,
  lastRead,
  lastWriteWaits,
  readSlab,
  type StreamHandle,
  systemError,
  type WriteRequest,
} from './stream-handle.ts'

const slabBytes = readSlab.length
/** Less than this is copied, since a write of its own costs more. */
const minDirectBytes = 32 * 1024

/** Reused as long as no write needed it. One that carried a write may never be used again. */
let spare: PendingWrite | undefined
/** Out of which a connection hands bytes to its handler at the moment. */
let delivering: BulkBuffer | undefined

/** What a fast wire leaves to others: how its connection ends. */
export interface WireOwner {
  end(): unknown
  setKeepAlive(on: boolean, delayMs: number): unknown
  destroy(): unknown
  resetAndDestroy(): unknown
  /** The connection as everybody else knows it, which takes its end over. */
  socket(): Socket
}

interface PendingWrite extends WriteRequest {
  wire: FastWire
  bulk: BulkBuffer | undefined
  /** Nothing else keeps the memory that is still to be sent. */
  bytes: Uint8Array
}

interface FastHandle extends StreamHandle {
  wire: FastWire
}

/**
 * A wire over the handle of a connection, which its owner stays in charge of closing. Reads go to one buffer for all connections, or to a large one of the connection's own
 * while much comes in; a large piece is written on from where it was read.
 */
export class FastWire extends SlabWire {
  readonly #owner: WireOwner | Socket
  readonly #handle: FastHandle
  /** What the handle of a socket called before. */
  readonly #onReadBefore: StreamHandle['onread']
  #bulk: BulkBuffer | undefined = undefined
  /** Writes under way. */
  #writes = 0
  #paused = false
  /** What the handle was told; it also waits while bytes of a bulk buffer are on their way out. */
  #reading = true
  #peerEnded = false
  #ending = false
  #error: Error | undefined = undefined

  /** The handler is to be set before the turn of the event loop ends. */
  constructor(owner: WireOwner | Socket, handle: StreamHandle) {
    super()
    this.#owner = owner
    // The property is set here.
    this.#handle = handle as FastHandle
    this.#handle.wire = this
    this.#onReadBefore = handle.onread
    this.#handle.onread = onRead
    handle.useUserBuffer(readSlab)
    if (handle.reading) return
    handle.reading = true
    this.#check(handle.readStart())
  }

  override write(buf: Uint8Array, start: number, end: number): boolean {
    if (delivering?.buf !== buf || end - start < minDirectBytes) {
      return super.write(buf, start, end)
    }
    if (this.closed) return true
    this.flush()
    if (!this.#send(buf.subarray(start, end), delivering)) this.block()
    return !this.blocked
  }

  send(buf: Buffer, start: number, end: number): boolean {
    if (this.closed || this.#send(buf.subarray(start, end), undefined)) return true
    this.block()
    return false
  }

  pause(): void {
    if (this.#paused || this.closed) return
    this.#paused = true
    this.#reading = false
    this.#handle.readStop()
  }

  resume(): void {
    if (!this.#paused || this.closed) return
    this.#paused = false
    if (this.#peerEnded) return
    // While it is delivered, something else to read into follows.
    const bulk = this.#bulk === delivering ? undefined : this.#bulk
    if (bulk?.busy === true) bulk.whenIdle(this.#readOn)
    else this.#readOn()
  }

  keepAlive(ms: number): void {
    if (!this.closed) this.#owner.setKeepAlive(true, ms)
  }

  end(): void {
    this.flush()
    this.#ending = true
    // A handle that waits for its writes before it says so could not be reset.
    if (this.#writes === 0) this.#owner.end()
  }

  destroy(): void {
    if (!this.closed) this.flush()
    this.#owner.destroy()
    this.close()
  }

  reset(): void {
    const owner = this.#owner
    if (owner instanceof Socket) resetSocket(owner)
    else owner.resetAndDestroy()
    this.close()
  }

  release(): Socket {
    const owner = this.#owner
    this.leave()
    if (this.#bulk !== delivering) this.#dropBulk()
    if (!(owner instanceof Socket)) return owner.socket()
    this.#handle.onread = this.#onReadBefore
    return owner
  }

  /** Takes the outcome of a read. Returns what to read into next, if that changes. @internal */
  onRead(size: number): Buffer | undefined {
    if (this.closed) return undefined
    if (size > 0) return this.#bulk === undefined ? this.#take(size) : this.#takeBulk(size)
    if (size === 0) return undefined
    if (size !== endOfFile) {
      this.#fail(size, 'read')
      return undefined
    }
    this.#peerEnded = true
    this.handler.onEnd()
    return undefined
  }

  /** A write that did not end at once has ended. @internal */
  onWritten(status: number, bulk: BulkBuffer | undefined): void {
    this.#writes--
    bulk?.endWrite()
    if (this.closed) return
    if (status < 0) return this.#fail(status, 'write')
    if (this.#writes > 0 || !this.blocked) return
    if (this.#ending) this.#owner.end()
    this.blocked = false
    this.handler.onWritable()
  }

  /** Why the owner will close. @internal */
  noteError(error: Error): void {
    this.#error ??= error
  }

  /** The owner is closed. @internal */
  close(): void {
    if (this.closed) return
    // What is delivered at the moment is still looked at, and may yet be written on.
    if (this.#bulk !== delivering) this.#dropBulk()
    this.closeOnce(this.#error)
  }

  #take(size: number): Buffer | undefined {
    this.handler.onBytes(readSlab, 0, size)
    poison(readSlab, 0, size)
    // There is more where that came from.
    return size === slabBytes && !this.closed ? this.#useBulk() : undefined
  }

  #takeBulk(size: number): Buffer | undefined {
    const bulk = this.#bulk
    if (bulk === undefined) return undefined
    delivering = bulk
    this.handler.onBytes(bulk.buf, 0, size)
    delivering = undefined
    if (this.closed) {
      this.#dropBulk()
      return undefined
    }
    if (!bulk.busy) poison(bulk.buf, 0, size)
    if (size < slabBytes) return this.#useSlab()
    // Whoever is paused reads on when the write is done; others need another buffer now.
    if (!bulk.busy || this.#paused) return undefined
    bulk.giveBack()
    this.#readOn()
    return this.#useBulk() ?? readSlab
  }

  #useBulk(): Buffer | undefined {
    this.#bulk = bulkBuffers.take()
    return this.#bulk?.buf
  }

  #useSlab(): Buffer {
    this.#dropBulk()
    return readSlab
  }

  #dropBulk(): void {
    this.#bulk?.giveBack()
    this.#bulk = undefined
  }

  readonly #readOn = (): void => {
    if (this.closed || this.#paused || this.#reading) return
    this.#reading = true
    this.#check(this.#handle.readStart())
  }

  /** Returns true if the bytes are out; else they have to stay as they are until `onWritten`. */
  #send(bytes: Uint8Array, bulk: BulkBuffer | undefined): boolean {
    const request = (spare ??= createPendingWrite())
    const status = this.#handle.writeBuffer(request, bytes)
    if (status === 0 && !lastWriteWaits()) return true
    spare = undefined
    if (status !== 0) {
      this.#check(status)
      return true
    }
    request.wire = this
    request.bulk = bulk
    request.bytes = bytes
    request.oncomplete = onWritten
    this.#writes++
    bulk?.beginWrite()
    return false
  }

  /** What fails while others are at work is told when they are done. */
  #check(status: number): void {
    if (status !== 0) process.nextTick(() => this.#fail(status, 'write'))
  }

  #fail(status: number, call: string): void {
    if (this.closed) return
    this.#error ??= systemError(status, call)
    this.destroy()
  }
}

/** A fast wire over a connected socket; `undefined` if it has no handle of the right kind. */
export function fastWire(socket: Socket): FastWire | undefined {
  const handle = handleOf(socket)
  if (handle === undefined) return undefined
  const wire = new FastWire(socket, handle)
  socket.setNoDelay(true)
  socket.on('error', (error) => wire.noteError(error))
  socket.on('close', () => wire.close())
  return wire
}

function onRead(this: StreamHandle): Buffer | undefined {
  // Every handle with this callback has its wire.
  return (this as FastHandle).wire.onRead(lastRead())
}

function onWritten(this: WriteRequest, status: number): void {
  // Every request with this callback was sent by a wire.
  const { wire, bulk } = this as PendingWrite
  wire.onWritten(status, bulk)
}

function createPendingWrite(): PendingWrite {
  // Its properties are set when they are needed.
  return createWrite() as PendingWrite
}
