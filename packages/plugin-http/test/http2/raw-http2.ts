import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Types of frames (RFC 9113 section 6). */
export const Frame = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

/** Flags of frames. */
export const Flag = { none: 0, ack: 1, endStream: 1, endHeaders: 4 } as const

/** One frame as it came. */
export interface RawFrame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** A client that sends whatever frames it is told, and notes those that come. */
export class RawHttp2 implements Disposable {
  readonly frames: RawFrame[] = []
  readonly closed: Promise<unknown>
  readonly #socket: Socket
  #rest: Buffer = Buffer.alloc(0)
  #waiting: (() => void)[] = []

  constructor(socket: Socket) {
    this.#socket = socket
    this.closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('close', () => this.#wake())
  }

  get ended(): boolean {
    return this.#socket.destroyed
  }

  preface(): void {
    this.#socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  }

  /** The preface and SETTINGS that change nothing. */
  begin(): void {
    this.preface()
    this.settings()
  }

  settings(payload: Buffer = Buffer.alloc(0)): void {
    this.send(Frame.settings, Flag.none, 0, payload)
  }

  /** A whole request without a body, unless `flags` says otherwise. */
  request(
    stream: number,
    fields: readonly (readonly [string, string])[],
    flags: number = Flag.endStream | Flag.endHeaders,
  ): void {
    this.send(Frame.headers, flags, stream, block(fields))
  }

  reset(stream: number, code = 8): void {
    this.send(Frame.reset, Flag.none, stream, number32(code))
  }

  send(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): void {
    if (!this.#socket.destroyed) this.#socket.write(frame(type, flags, stream, payload))
  }

  /** The first frame of a type, for a stream if that is said. */
  async next(type: number, stream?: number): Promise<RawFrame> {
    const found = await this.first(
      (one) => one.type === type && (stream === undefined || one.stream === stream),
    )
    if (found !== undefined) return found
    throw new Error(`closed before a frame of type ${type}`)
  }

  /** The first frame that is wanted; `undefined` if none came before the end. */
  async first(wanted: (frame: RawFrame) => boolean): Promise<RawFrame | undefined> {
    for (;;) {
      const found = this.frames.find(wanted)
      if (found !== undefined || this.#socket.destroyed) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** The code of a GOAWAY frame. */
  async goaway(): Promise<number> {
    return (await this.next(Frame.goaway)).payload.readUInt32BE(4)
  }

  /** The code with which a stream was reset. */
  async resetOf(stream: number): Promise<number> {
    return (await this.next(Frame.reset, stream)).payload.readUInt32BE(0)
  }

  /** Says no more. */
  end(): void {
    this.#socket.end()
  }

  pause(): void {
    this.#socket.pause()
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes])
    while (this.#rest.length >= 9) {
      const length = this.#rest.readUIntBE(0, 3)
      if (this.#rest.length < 9 + length) break
      const [type = 0, flags = 0] = this.#rest.subarray(3, 5)
      const stream = this.#rest.readUInt32BE(5)
      this.frames.push({ type, flags, stream, payload: this.#rest.subarray(9, 9 + length) })
      this.#rest = this.#rest.subarray(9 + length)
    }
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** Connects to a port of this machine. */
export async function connectRaw(port: number): Promise<RawHttp2> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return new RawHttp2(socket)
}

/** The pseudo fields of a GET. */
export const get: readonly (readonly [string, string])[] = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/'],
  [':authority', 'h'],
]

/** A frame as bytes. */
function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A header block: literals that are not indexed, without Huffman coding (RFC 7541 section 6.2.2). */
export function block(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]),
  )
}

/** 32 bits. */
export function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  return Buffer.concat([integer(bytes.length), bytes])
}

/** An integer with a prefix of seven bits (RFC 7541 section 5.1). */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value])
  const bytes = [127]
  let rest = value - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Buffer.from([...bytes, rest])
}
