import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { poison } from '../poison.ts'
import { outSlab } from '../wire/out-slab.ts'
import { SlabWire } from '../wire/slab-wire.ts'
import {
  createWrite,
  endOfFile,
  lastRead,
  readSlab,
  resetOnClose,
  type StreamHandle,
  systemError,
  type TlsHandle,
  tlsHandleOf,
  type WriteRequest,
} from './stream-handle.ts'

/** Larger pieces are encrypted from where they are. */
const minDirectBytes = 32 * 1024
/** With more than this on its way the wire waits for its peer. */
const maxBytesUnderWay = 64 * 1024

interface PendingWrite extends WriteRequest {
  wire: FastTlsWire
}

interface FastHandle extends TlsHandle {
  wire: FastTlsWire
}

/**
 * A wire over the handle of a socket with TLS, whose handshake is done. What is written is encrypted
 * at once, so its buffer is free again; but the handle says only later that it can take more, however
 * fast the peer is, and more than one write at a time would end the process. So what is written
 * until then waits here, and the peer counts as slow only if that becomes much.
 */
export class FastTlsWire extends SlabWire {
  readonly #socket: Socket
  readonly #handle: FastHandle
  /** What the handle called before. */
  readonly #onReadBefore: StreamHandle['onread']
  readonly #onErrorBefore: TlsHandle['onerror']
  /** The last write; whether that goes on, only it knows. */
  #write: WriteRequest | undefined = undefined
  /** What waits for the end of that write. */
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** What arrived while nobody wanted it: one read brings more than one record. */
  #held: Buffer[] = []
  #endHeld = false
  #delivering = false
  #paused = false
  #reading = true
  #ended = false
  #ending = false
  #error: Error | undefined = undefined

  /** The handler is to be set before the turn of the event loop ends. */
  constructor(socket: Socket, handle: TlsHandle) {
    super()
    this.#socket = socket
    // The property is set here.
    this.#handle = handle as FastHandle
    this.#handle.wire = this
    this.#onReadBefore = handle.onread
    this.#onErrorBefore = handle.onerror
    this.#takeEarlyBytes()
    handle.onread = onRead
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- A handle is no event target.
    handle.onerror = onTlsError
    handle.useUserBuffer(readSlab)
    this.#readOn()
  }

  override write(buf: Uint8Array, start: number, end: number): boolean {
    if (end - start < minDirectBytes) return super.write(buf, start, end)
    if (this.closed) return true
    outSlab.flush()
    this.#send(buf.subarray(start, end))
    return !this.blocked
  }

  send(buf: Buffer, start: number, end: number): boolean {
    if (!this.closed) this.#send(buf.subarray(start, end))
    return true
  }

  override flush(): boolean {
    outSlab.flush()
    // It cannot be known yet that nothing would be lost now.
    if (!this.blocked && this.#isWriting()) this.#awaitWrite()
    return !this.blocked
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
    if (this.#held.length > 0 || this.#endHeld) this.#deliverSoon()
    else this.#readOn()
  }

  keepAlive(ms: number): void {
    this.#socket.setKeepAlive(true, ms)
  }

  end(): void {
    this.#ending = true
    // What is written before the word that no more comes must be out before that.
    if (this.flush()) this.#socket.end()
  }

  destroy(): void {
    if (!this.closed) outSlab.flush()
    this.#socket.destroy()
    this.close()
  }

  reset(): void {
    const { writableEnded, writableFinished } = this.#socket
    // A handle that is about to say that no more comes cannot be reset, and would never close.
    if (!writableEnded || writableFinished) resetOnClose(this.#handle)
    this.#socket.destroy()
    this.close()
  }

  release(): Socket {
    this.leave()
    this.#handle.onread = this.#onReadBefore
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- A handle is no event target.
    this.#handle.onerror = this.#onErrorBefore
    return this.#socket
  }

  /** Takes the outcome of a read. @internal */
  onRead(size: number): void {
    if (this.closed || size === 0) return
    if (size > 0) return this.#take(size)
    if (size !== endOfFile) return this.fail(systemError(size, 'read'))
    this.#endHeld = true
    this.#deliverEnd()
  }

  /** The last write has ended. @internal */
  onWritten(status: number): void {
    if (this.closed) return
    // It is there until this returns, but the handle can take the next one.
    this.#write = undefined
    if (status < 0) return this.#failSoon(status)
    if (this.#waiting.length > 0) this.#sendWaiting()
    if (!this.blocked || this.#isWriting()) return
    if (this.#ending) this.#socket.end()
    this.blocked = false
    this.handler.onWritable()
  }

  /** @internal */
  fail(error: Error): void {
    if (this.closed) return
    this.noteError(error)
    this.destroy()
  }

  /** Why the socket will close. @internal */
  noteError(error: Error): void {
    this.#error ??= error
  }

  /** The socket sees the end that the handle does not tell of any more. @internal */
  noteEnd(): void {
    this.#endHeld = true
    this.#deliverSoon()
  }

  /** The socket is closed. @internal */
  close(): void {
    this.#held = []
    this.#waiting = []
    this.closeOnce(this.#error)
  }

  /** Hands on what arrived before. @internal */
  deliver(): void {
    this.#delivering = false
    while (!this.#paused && !this.closed) {
      const piece = this.#held.shift()
      if (piece === undefined) {
        this.#deliverEnd()
        return this.#readOn()
      }
      this.handler.onBytes(piece, 0, piece.length)
    }
  }

  /** What the socket has read before there was a wire. */
  #takeEarlyBytes(): void {
    const socket = this.#socket
    for (;;) {
      // A socket without an encoding gives buffers. Node 26 does not give all of them at once.
      const early = socket.read() as Buffer | null
      if (early === null) break
      this.#held.push(early)
    }
    if (socket.readableEnded) this.#endHeld = true
    if (this.#held.length > 0 || this.#endHeld) this.#deliverSoon()
  }

  #take(size: number): void {
    if (this.#paused || this.#held.length > 0) {
      this.#held.push(Buffer.from(readSlab.subarray(0, size)))
      return
    }
    this.handler.onBytes(readSlab, 0, size)
    poison(readSlab, 0, size)
  }

  #deliverEnd(): void {
    if (!this.#endHeld || this.#ended || this.#paused || this.closed) return
    if (this.#held.length > 0) return
    this.#ended = true
    this.handler.onEnd()
  }

  #deliverSoon(): void {
    if (this.#delivering) return
    this.#delivering = true
    process.nextTick(deliver, this)
  }

  #readOn(): void {
    if (this.closed || this.#paused || this.#ended) return
    if (this.#reading && this.#handle.reading) return
    this.#reading = true
    this.#handle.reading = true
    const status = this.#handle.readStart()
    if (status !== 0) this.#failSoon(status)
  }

  #send(bytes: Uint8Array): void {
    if (!this.#isWriting()) return this.#sendNow(bytes)
    this.#waiting.push(Buffer.from(bytes))
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes > maxBytesUnderWay) this.#awaitWrite()
    else this.#askForEnd()
  }

  #sendWaiting(): void {
    const [first = emptyBuffer] = this.#waiting
    const bytes = this.#waiting.length === 1 ? first : Buffer.concat(this.#waiting)
    this.#waiting = []
    this.#waitingBytes = 0
    this.#sendNow(bytes)
    if (this.blocked) this.#askForEnd()
  }

  #sendNow(bytes: Uint8Array): void {
    const write = createWrite()
    const status = this.#handle.writeBuffer(write, bytes)
    if (status !== 0) return this.#failSoon(status)
    this.#write = write
    // One that is over at once has failed.
    if (write.getAsyncId() < 0) return this.#failSoon(brokenPipe)
    if (bytes.length > maxBytesUnderWay) this.#awaitWrite()
  }

  #isWriting(): boolean {
    return this.#write !== undefined && this.#write.getAsyncId() >= 0
  }

  /** Writes wait from now on until the present one has ended. */
  #awaitWrite(): void {
    this.#askForEnd()
    this.block()
  }

  /** Only then the end of the present write is told, since most need not be known. */
  #askForEnd(): void {
    // There is one.
    const write = this.#write as PendingWrite
    write.wire = this
    write.oncomplete = onWritten
  }

  /** What fails while others are at work is told when they are done. */
  #failSoon(status: number): void {
    process.nextTick(fail, this, status)
  }
}

const emptyBuffer = Buffer.alloc(0)
const brokenPipe = -constants.errno.EPIPE

/** A fast wire over a socket with TLS; `undefined` if it has no handle of the right kind. */
export function fastTlsWire(socket: Socket): FastTlsWire | undefined {
  const handle = tlsHandleOf(socket)
  if (handle === undefined || socket.writableLength > 0) return undefined
  const wire = new FastTlsWire(socket, handle)
  socket.setNoDelay(true)
  socket.on('end', () => wire.noteEnd())
  socket.on('error', (error) => wire.noteError(error))
  socket.on('close', () => wire.close())
  return wire
}

function onRead(this: StreamHandle): undefined {
  // Every handle with this callback has its wire.
  ;(this as FastHandle).wire.onRead(lastRead())
}

function onTlsError(this: TlsHandle, error: Error): void {
  // As above.
  ;(this as FastHandle).wire.fail(error)
}

function onWritten(this: WriteRequest, status: number): void {
  // Every request with this callback was sent by a wire.
  ;(this as PendingWrite).wire.onWritten(status)
}

function deliver(wire: FastTlsWire): void {
  wire.deliver()
}

function fail(wire: FastTlsWire, status: number): void {
  wire.fail(systemError(status, 'write'))
}
