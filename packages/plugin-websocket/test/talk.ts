/**
 * Clients and servers of the `ws` library.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestGateway } from '@gatewright/testing'
import {
  type ClientOptions,
  type RawData,
  type ServerOptions,
  WebSocket,
  WebSocketServer,
} from 'ws'

/** What a server does with one conversation. Default: says everything back. */
type Converse = (socket: WebSocket, request: IncomingMessage) => void

/** A WebSocket server, which answers other requests 200 with the method. */
export interface Talker extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Every request to switch, in that order. */
  readonly asked: IncomingMessage[]
  /** The conversations that go on. */
  readonly open: ReadonlySet<WebSocket>
}

export async function startTalker(
  converse: Converse = echo,
  options: ServerOptions = {},
  server: Server = createServer((request, response) => response.end(request.method)),
): Promise<Talker> {
  const talker = new WebSocketServer({ ...options, server })
  const asked: IncomingMessage[] = []
  talker.on('connection', (socket, request) => {
    asked.push(request)
    socket.on('error', () => undefined)
    converse(socket, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    open: talker.clients,
    async [Symbol.asyncDispose]() {
      for (const socket of talker.clients) socket.terminate()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A message as text. */
export function textOf(message: RawData): string {
  // The default type of messages is a buffer.
  return (message as Buffer).toString()
}

function echo(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
}

/** How a conversation ended, for a client. */
export interface Ending {
  readonly code: number
  readonly reason: string
}

/** One end of a conversation, which keeps what it hears until somebody asks. */
export class Speaker implements Disposable {
  readonly socket: WebSocket
  readonly opened: Promise<void>
  readonly ended: Promise<Ending>
  /** Fields of the 101. */
  headers: IncomingMessage['headers'] = {}
  readonly #heard: { readonly data: Buffer; readonly isBinary: boolean }[] = []
  #wake: () => void = () => undefined

  constructor(socket: WebSocket) {
    this.socket = socket
    const { promise, resolve } = Promise.withResolvers<Ending>()
    this.ended = promise
    const opened = Promise.withResolvers<void>()
    this.opened = opened.promise
    opened.promise.catch(() => undefined)
    socket.on('open', () => opened.resolve())
    socket.on('error', opened.reject)
    socket.on('upgrade', ({ headers }) => {
      this.headers = headers
    })
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
    // The default type of binary data is a buffer.
    socket.on('message', (data, isBinary) => this.#hear(data as Buffer, isBinary))
  }

  /** Name and value of the cookie that came with the 101. */
  get cookie(): string {
    return this.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  }

  /** The next message. */
  async hear(): Promise<Buffer> {
    for (;;) {
      const next = this.#heard.shift()
      if (next !== undefined) return next.data
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async hearText(): Promise<string> {
    return String(await this.hear())
  }

  [Symbol.dispose](): void {
    this.socket.terminate()
  }

  #hear(data: Buffer, isBinary: boolean): void {
    this.#heard.push({ data, isBinary })
    this.#wake()
  }
}

/** How a client asks. */
export interface Asking extends ClientOptions {
  readonly path?: string
  readonly protocols?: readonly string[]
}

/** Opens a conversation through a gateway. Rejects with {@link RefusedError} if it is refused. */
export async function speak(gateway: TestGateway, asking: Asking = {}): Promise<Speaker> {
  const { path = '/', protocols = [], ...options } = asking
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port()}${path}`, [...protocols], options)
  const { promise, resolve, reject } = Promise.withResolvers<Speaker>()
  const speaker = new Speaker(socket)
  socket.on('open', () => resolve(speaker))
  socket.on('unexpected-response', (_request, response) => {
    let body = ''
    response.on('data', (piece) => {
      body += String(piece)
    })
    response.on('end', () => reject(new RefusedError(response, body)))
  })
  socket.on('error', reject)
  return promise
}

/** A conversation did not begin. */
export class RefusedError extends Error {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string

  constructor({ statusCode, headers }: IncomingMessage, body: string) {
    super(`refused with ${statusCode}`)
    this.status = statusCode
    this.headers = headers
    this.body = body
  }
}

/** Why a conversation did not begin. */
export async function refused(gateway: TestGateway, asking: Asking = {}): Promise<RefusedError> {
  try {
    const speaker = await speak(gateway, asking)
    speaker.socket.terminate()
  } catch (error) {
    if (error instanceof RefusedError) return error
    throw error
  }
  throw new Error('the conversation began')
}
