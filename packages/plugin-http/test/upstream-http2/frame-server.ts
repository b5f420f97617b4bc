import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** Types of frames (RFC 9113 section 6). */
export const Frame = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

/** Flags of frames. */
export const Flag = { ack: 1, endStream: 1, endHeaders: 4 } as const

/** Error codes (RFC 9113 section 7). */
export const Code = {
  none: 0,
  protocol: 1,
  internal: 2,
  refused: 7,
  cancel: 8,
  calm: 11,
} as const

/** The head `:status: 200` (RFC 7541 appendix A). */
export const ok: Buffer = Buffer.from([0x88])

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** A frame that the gateway sent. */
export interface ReceivedFrame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** What a test does with the frames of one connection. */
export type Script = (connection: FrameConnection, frame: ReceivedFrame) => void

/** One connection of the gateway to a {@link FrameServer}. */
export class FrameConnection {
  readonly index: number
  readonly socket: Socket
  /** Settles when the connection is gone. */
  readonly gone: Promise<unknown>
  readonly received: ReceivedFrame[] = []
  readonly #script: Script
  #rest: Buffer = Buffer.alloc(0)
  #begun = false

  constructor(index: number, socket: Socket, script: Script) {
    this.index = index
    this.socket = socket
    this.#script = script
    const closed = Promise.withResolvers<void>()
    this.gone = closed.promise
    socket.on('close', () => closed.resolve())
    socket.on('error', () => undefined)
    socket.on('end', () => socket.end())
    socket.on('data', (bytes) => this.#take(bytes))
  }

  send(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): void {
    const head = Buffer.alloc(9)
    head.writeUIntBE(payload.length, 0, 3)
    head[3] = type
    head[4] = flags
    head.writeUInt32BE(stream, 5)
    this.socket.write(Buffer.concat([head, payload]))
  }

  /** @param settings Pairs of id and value. */
  settings(...settings: readonly (readonly [id: number, value: number])[]): void {
    const payload = Buffer.alloc(settings.length * 6)
    for (const [index, [id, value]] of settings.entries()) {
      payload.writeUInt16BE(id, index * 6)
      payload.writeUInt32BE(value, index * 6 + 2)
    }
    this.send(Frame.settings, 0, 0, payload)
  }

  headers(stream: number, block: Buffer, end: boolean = false): void {
    const flags = Flag.endHeaders | (end ? Flag.endStream : 0)
    this.send(Frame.headers, flags, stream, block)
  }

  data(stream: number, text: string, end: boolean = false): void {
    this.send(Frame.data, end ? Flag.endStream : 0, stream, Buffer.from(text))
  }

  /** A whole response. */
  answer(stream: number, text: string): void {
    this.headers(stream, ok)
    this.data(stream, text, true)
  }

  reset(stream: number, code: number): void {
    this.send(Frame.reset, 0, stream, word(code))
  }

  goaway(lastStream: number, code: number): void {
    this.send(Frame.goaway, 0, 0, Buffer.concat([word(lastStream), word(code)]))
  }

  #take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes])
    if (!this.#begun) {
      if (this.#rest.length < preface.length) return
      this.#rest = this.#rest.subarray(preface.length)
      this.#begun = true
    }
    while (this.#rest.length >= 9) {
      const rest = this.#rest
      const end = 9 + rest.readUIntBE(0, 3)
      if (rest.length < end) return
      this.#rest = rest.subarray(end)
      const frame = {
        type: rest[3] ?? 0,
        flags: rest[4] ?? 0,
        stream: rest.readUInt32BE(5),
        payload: rest.subarray(9, end),
      }
      this.received.push(frame)
      this.#script(this, frame)
    }
  }
}

/** A server that speaks HTTP/2 frame by frame, and as wrongly as a test wants. */
export class FrameServer implements AsyncDisposable {
  readonly connections: FrameConnection[] = []
  readonly #server: Server

  constructor(server: Server) {
    this.#server = server
  }

  static async start(
    script: Script,
    onConnection: (connection: FrameConnection) => void = greet,
  ): Promise<FrameServer> {
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    const made = new FrameServer(server)
    server.on('connection', (socket) => {
      const connection = new FrameConnection(made.connections.length, socket, script)
      made.connections.push(connection)
      onConnection(connection)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return made
  }

  get url(): string {
    // A server that listens at a port.
    return `h2c://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Frames of one type that came so far, on all connections. */
  received(type: number): ReceivedFrame[] {
    return this.connections.flatMap(({ received }) =>
      received.filter((frame) => frame.type === type),
    )
  }

  /** Codes with which the gateway reset streams. */
  resets(): number[] {
    return this.received(Frame.reset).map(({ payload }) => payload.readUInt32BE())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.connections) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Sends the settings that every connection begins with. */
export function greet(connection: FrameConnection): void {
  connection.settings()
}

/** Calls back for each request; acknowledges settings and pings. */
export function onRequest(
  respond: (connection: FrameConnection, stream: number, flags: number) => void,
): Script {
  return (connection, { type, flags, stream, payload }) => {
    if (type === Frame.headers) respond(connection, stream, flags)
    if ((flags & Flag.ack) !== 0) return
    if (type === Frame.settings) connection.send(Frame.settings, Flag.ack, 0)
    if (type === Frame.ping) connection.send(Frame.ping, Flag.ack, 0, payload)
  }
}

/** A field as a literal without indexing, of less than 127 bytes each. */
export function field(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ])
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
