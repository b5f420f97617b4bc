/**
 * One direction of a conversation without sockets, and what the library makes of it.
 */
import type { BodySink, BodySource } from '@gatewright/kernel'
import * as ws from 'ws'
import type { MessageWatcher, Peer } from '../../src/index.ts'
import { MessageStage } from '../../src/messages/message-stage.ts'
import { Watchers } from '../../src/messages/watchers.ts'

/** How frames are sent through. */
export interface Direction {
  readonly from: Peer
  readonly compressed?: boolean
  readonly content?: boolean
  readonly maxBytes?: number
  readonly watcher?: MessageWatcher
  /** Asked after each piece that comes out; true makes the source wait. Default never. */
  readonly pauses?: () => boolean
}

/** What came of it. */
export interface Passed {
  readonly bytes: Buffer
  /** Code and reason with which the gateway closed it. */
  readonly closed: string | undefined
  /** Calls that a sink does not allow. */
  readonly violations: readonly string[]
  readonly ended: boolean
}

const silent = { dryRun: false, log: { error: () => undefined, info: () => undefined } }

/** Sends pieces through a stage. The memory of each piece is overwritten after its call. */
export function passThrough(pieces: readonly Buffer[], direction: Direction): Passed {
  const { from, compressed = false, content = false, watcher = {}, pauses } = direction
  const { maxBytes = Number.POSITIVE_INFINITY } = direction
  let closed: string | undefined
  const close = (code: number, reason: string): void => {
    closed ??= `${code} ${reason}`
    stage.finish(Buffer.alloc(0))
  }
  const watchers = new Watchers(close)
  // Of the log, these are used.
  const scope = silent as unknown as Parameters<Watchers['add']>[0]['scope']
  watchers.add({ from, maxBytes, content, watcher, scope }, true)
  const source = new PieceSource(pieces)
  const host = { close, onClose: () => undefined, onOver: () => undefined }
  const stage = new MessageStage(source, { from, compressed, watchers, host })
  const sink = new CheckingSink(pauses ?? (() => false))
  stage.start(sink)
  while (sink.paused) {
    sink.paused = false
    stage.resume()
  }
  return { bytes: sink.bytes, closed, violations: sink.violations, ended: sink.ended }
}

/** Gives its pieces as fast as it may, and then its end. */
class PieceSource implements BodySource {
  readonly length = undefined
  readonly #pieces: readonly Buffer[]
  #sink: BodySink | undefined = undefined
  #next = 0

  constructor(pieces: readonly Buffer[]) {
    this.#pieces = pieces
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.resume()
  }

  resume(): void {
    for (;;) {
      const piece = this.#pieces[this.#next++]
      if (piece === undefined) break
      // A window into a larger buffer, as protocols give.
      const slab = Buffer.alloc(piece.length + 8, 0x2e)
      slab.set(piece, 4)
      const more = this.#sink?.write(slab, 4, 4 + piece.length)
      slab.fill(0x21)
      if (more !== true) return
    }
    const sink = this.#sink
    this.#sink = undefined
    sink?.end(undefined)
  }

  cancel(): void {
    this.#sink = undefined
  }
}

class CheckingSink implements BodySink {
  paused = false
  ended = false
  readonly violations: string[] = []
  readonly #pieces: Buffer[] = []
  readonly #pauses: () => boolean

  constructor(pauses: () => boolean) {
    this.#pauses = pauses
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.paused) this.violations.push('write while paused')
    if (this.ended) this.violations.push('write after the end')
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)))
    this.paused = this.#pauses()
    return !this.paused
  }

  end(): void {
    if (this.ended) this.violations.push('a second end')
    this.ended = true
  }

  fail(): void {
    this.violations.push('a failure')
  }
}

/** What a peer understands. */
export interface Understood {
  readonly messages: readonly string[]
  readonly error: string | undefined
}

/** What the library understands of bytes. */
export function understood(bytes: Buffer, from: Peer): Understood {
  // Exported, and in no types.
  const { Receiver } = ws as unknown as { readonly Receiver: new (init: object) => Reader }
  const reader = new Receiver({ isServer: from === 'client', extensions: {} })
  const messages: string[] = []
  reader.on('message', (data, isBinary) => messages.push(`${isBinary} ${String(data)}`))
  reader.on('ping', (data) => messages.push(`ping ${String(data)}`))
  reader.on('pong', (data) => messages.push(`pong ${String(data)}`))
  reader.on('conclude', (code, reason) => messages.push(`close ${code} ${String(reason)}`))
  reader.on('error', () => undefined)
  reader.write(bytes)
  return { messages, error: reader.errored?.message }
}

interface Reader {
  readonly errored: Error | null
  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): void
  on(event: 'ping' | 'pong', listener: (data: unknown) => void): void
  on(event: 'conclude', listener: (code: number, reason: unknown) => void): void
  on(event: 'error', listener: (error: Error) => void): void
  write(bytes: Buffer): void
}
