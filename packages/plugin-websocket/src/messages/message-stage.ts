import { isUtf8 } from 'node:buffer'
import type { BodySink, BodySource, HeaderList } from '@gatewright/kernel'
import { frameOf, isCloseCode, mask, Opcode } from './frame.ts'
import { FrameReader } from './frame-reader.ts'
import { HeldMessage } from './held-message.ts'
import type { MessageStart, Peer } from './message.ts'
import { Output } from './output.ts'
import type { Passage, Watchers } from './watchers.ts'

/** The conversation of a stage. */
export interface StageHost {
  /** One end breaks the rules. */
  close(code: number, reason: string): void
  /** One end has said that it is over. */
  onClose(from: Peer, code: number, reason: string): void
  /** A direction is over, whether or not its end has said so. @param broken If it was cut off. */
  onOver(broken: boolean): void
}

/** How a stage reads. */
export interface StageInit {
  readonly from: Peer
  readonly compressed: boolean
  readonly watchers: Watchers
  readonly host: StageHost
}

const protocolError = 1002
const noCode = 1005
const invalidText = 1007

/**
 * One direction of a conversation that is watched. Frames pass as they are and as they come, but for
 * heads and control frames, which pass in one piece, and messages that somebody wants to see whole.
 */
export class MessageStage implements BodySource, BodySink {
  readonly length = undefined
  readonly #source: BodySource
  readonly #init: StageInit
  readonly #reader: FrameReader
  readonly #output = new Output()
  #sink: BodySink | undefined = undefined
  /** A head, or a control frame, of which the rest is to come. */
  #part: Buffer | undefined = undefined
  /** Bytes of the present frame that are to come. */
  #left = 0
  /** Of the present message: what becomes of it, what it is, its bytes so far. */
  #passage: Passage = 'pass'
  #message: MessageStart
  #bytes = 0
  #held: HeldMessage | undefined = undefined
  /** What is to be said before this direction ends; `undefined` as long as it goes on. */
  #last: Buffer | undefined = undefined
  /** Nothing that comes is passed on any more. */
  #over = false
  #paused = false
  #writing = false

  constructor(source: BodySource, init: StageInit) {
    this.#source = source
    this.#init = init
    const { from, compressed } = init
    this.#message = { from, kind: 'text', compressed: false }
    this.#reader = new FrameReader({ masked: from === 'client', compressed })
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#sendLast()
    this.#source.start(this)
  }

  resume(): void {
    this.#paused = false
    this.#sendLast()
    this.#source.resume()
  }

  cancel(error?: unknown): void {
    this.#sink = undefined
    this.#stop()
    this.#init.host.onOver(true)
    this.#source.cancel(error)
  }

  /** Ends this direction with a frame of the gateway, as soon as the present frame has passed. */
  finish(last: Buffer): void {
    if (this.#over) return this.#end()
    this.#last = last
    if (!this.#paused && !this.#writing) this.#sendLast()
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#over) return true
    this.#writing = true
    const part = this.#part
    this.#part = undefined
    if (part === undefined) this.#scan(bytes, start, end)
    else {
      const joined = Buffer.concat([part, bytes.subarray(start, end)])
      this.#scan(joined, 0, joined.length)
    }
    const ends = this.#last !== undefined && this.#isBetween
    if (ends) this.#sendLast()
    this.#writing = false
    return ends || this.#flush()
  }

  end(trailers: HeaderList | undefined): void {
    this.#sendLast()
    const sink = this.#sink
    this.#sink = undefined
    this.#stop()
    this.#init.host.onOver(false)
    sink?.end(trailers)
  }

  fail(error: unknown): void {
    const sink = this.#sink
    this.#sink = undefined
    this.#stop()
    this.#init.host.onOver(true)
    sink?.fail(error)
  }

  /** Whether what has been passed on ends with a frame. */
  get #isBetween(): boolean {
    return this.#left === 0 || this.#passage !== 'pass'
  }

  #scan(bytes: Uint8Array, start: number, end: number): void {
    let at = start
    while (at < end && !this.#over && (this.#last === undefined || !this.#isBetween)) {
      at = this.#left > 0 ? this.#payload(bytes, at, end) : this.#frame(bytes, at, end)
    }
  }

  #frame(bytes: Uint8Array, at: number, end: number): number {
    const reader = this.#reader
    const found = reader.read(bytes, at, end)
    if (found === 'fault') this.#init.host.close(protocolError, reader.problem)
    if (found === 'fault') return end
    const { headBytes, length, isControl } = reader
    const needed = headBytes + (isControl ? length : 0)
    if (found === 'part' || needed > end - at) {
      this.#part = Buffer.from(bytes.subarray(at, end))
      return end
    }
    if (isControl) this.#control(bytes, at, at + needed)
    else this.#data(bytes, at)
    return at + needed
  }

  #data(bytes: Uint8Array, at: number): void {
    const { opcode, length, headBytes, compressed } = this.#reader
    const { from, watchers } = this.#init
    if (opcode !== Opcode.continuation) {
      this.#message = { from, kind: opcode === Opcode.text ? 'text' : 'binary', compressed }
      this.#bytes = 0
      this.#passage = watchers.begin(this.#message)
      this.#held = this.#passage === 'hold' ? new HeldMessage() : undefined
    }
    if (this.#passage !== 'stop') this.#grow(opcode, length)
    // A watcher may have closed it by itself.
    if (this.#last !== undefined) this.#passage = 'stop'
    if (this.#passage === 'stop') return
    this.#left = length
    if (this.#passage === 'pass') this.#output.add(bytes, at, at + headBytes)
    if (length === 0) this.#endFrame()
  }

  #grow(opcode: number, length: number): void {
    const before = this.#bytes
    this.#bytes += length
    const passage = this.#init.watchers.grow(before, this.#bytes)
    if (passage === 'stop') this.#passage = 'stop'
    if (passage === 'pass' && this.#passage === 'hold') this.#release(opcode)
  }

  /** Passes on what was held of a message, and the rest of it as it comes. */
  #release(opcode: number): void {
    const held = this.#held
    this.#held = undefined
    this.#passage = 'pass'
    if (held !== undefined && opcode === Opcode.continuation) this.#say(held.content, false)
  }

  #payload(bytes: Uint8Array, at: number, end: number): number {
    const to = Math.min(end, at + this.#left)
    const { length, key } = this.#reader
    if (this.#passage === 'pass') this.#output.add(bytes, at, to)
    else this.#held?.add(bytes, at, to, key, length - this.#left)
    this.#left -= to - at
    if (this.#left === 0) this.#endFrame()
    return to
  }

  #endFrame(): void {
    const held = this.#held
    if (!this.#reader.final || held === undefined) return
    this.#held = undefined
    const { content } = held
    const { watchers, host } = this.#init
    if (this.#message.kind === 'text' && !isUtf8(content)) {
      return host.close(invalidText, 'a text is not valid UTF-8')
    }
    const passed = watchers.finish({ ...this.#message, data: content })
    if (passed !== undefined && this.#last === undefined) this.#say(passed, true)
  }

  /** Says a message, or the first part of it, in a frame of its own. */
  #say(payload: Uint8Array, final: boolean): void {
    const opcode = this.#message.kind === 'text' ? Opcode.text : Opcode.binary
    const frame = frameOf({ opcode, payload, final, masked: this.#init.from === 'client' })
    this.#output.add(frame, 0, frame.length)
  }

  #control(bytes: Uint8Array, at: number, to: number): void {
    const { opcode, headBytes, key } = this.#reader
    if (opcode !== Opcode.close) return this.#output.add(bytes, at, to)
    const payload = Buffer.from(bytes.subarray(at + headBytes, to))
    mask(payload, 0, payload.length, key, 0)
    const { host, from } = this.#init
    const code = payload.length === 0 ? noCode : payload.length === 1 ? 0 : payload.readUInt16BE(0)
    if (code !== noCode && !isCloseCode(code)) {
      return host.close(protocolError, 'there is no such close code')
    }
    const reason = payload.subarray(2)
    if (!isUtf8(reason)) return host.close(invalidText, 'a reason is not valid UTF-8')
    this.#output.add(bytes, at, to)
    this.#flush()
    // What follows must not be read (RFC 6455 section 1.4).
    this.#stop()
    host.onClose(from, code, reason.toString())
  }

  #flush(): boolean {
    const bytes = this.#output.take()
    if (bytes === undefined) return true
    const ready = this.#sink?.write(bytes, 0, bytes.length) ?? false
    this.#paused = !ready
    return ready
  }

  #sendLast(): void {
    const last = this.#last
    if (last === undefined || this.#sink === undefined || !this.#isBetween) return
    this.#output.add(last, 0, last.length)
    this.#flush()
    this.#end()
  }

  /** Tells the end. What still comes goes nowhere, so that the other end can come to its own. */
  #end(): void {
    const sink = this.#sink
    if (sink === undefined) return
    this.#sink = undefined
    this.#stop()
    sink.end(undefined)
    if (this.#paused && !this.#writing) this.#source.resume()
    this.#paused = false
  }

  #stop(): void {
    this.#over = true
    this.#last = undefined
    this.#part = undefined
    this.#held = undefined
  }
}
