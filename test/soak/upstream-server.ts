import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import { contentOf } from './content.ts'

interface Task {
  readonly id: number
  readonly size: number
}

type Play = (task: Task, request: IncomingMessage, response: ServerResponse) => unknown

/** How long an upstream keeps a connection, in milliseconds; it says so. */
const keepAliveMs = 2500
const pieceBytes = 16_384

/**
 * An upstream that behaves as the path of a request says: `/how/id/size`. Built on `node:http`, so
 * that both ends of what is tested are somebody else's.
 */
export class UpstreamServer implements AsyncDisposable {
  readonly #server: Server
  readonly #seen = new Set<number>()
  readonly #talks = new WebSocketServer({ noServer: true })

  static async start(): Promise<UpstreamServer> {
    const server = createServer({ keepAliveTimeout: keepAliveMs })
    const upstream = new UpstreamServer(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return upstream
  }

  constructor(server: Server) {
    this.#server = server
    server.on('request', (request, response) => void this.#answer(request, response))
    server.on('upgrade', (request, socket, head) => {
      this.#talks.handleUpgrade(request, socket, head, sayBack)
    })
    // Requests that their clients break off.
    server.on('clientError', (_error, socket) => socket.destroy())
  }

  get url(): string {
    // Bound to a TCP port, so it has an AddressInfo.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#talks.clients) socket.terminate()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? ''
    const [, how = '', id, size] = /^(?:\/faulty)?\/(\w+)\/(\d+)\/(\d+)$/.exec(target) ?? []
    const task = { id: Number(id), size: Number(size) }
    request.on('error', ignore)
    response.on('error', ignore)
    response.setHeader('x-target', target)
    try {
      if (how === 'flaky') this.#answerSecondTime(task, request, response)
      else await (plays[how] ?? refuse)(task, request, response)
    } catch {
      // The gateway broke it off; its client did.
      request.socket.destroy()
    }
  }

  #answerSecondTime(task: Task, request: IncomingMessage, response: ServerResponse): void {
    if (this.#seen.delete(task.id)) return sendPlain(task, request, response)
    this.#seen.add(task.id)
    request.socket.resetAndDestroy()
  }
}

const plays: Readonly<Record<string, Play>> = {
  plain: sendPlain,
  chunks: async ({ id, size }, _request, response) => {
    await pipeline(Readable.from(piecesOf(contentOf(id, size))), response)
  },
  drip: async ({ id, size }, _request, response) => {
    const content = contentOf(id, size)
    for (let from = 0; from < size; from += 1000) {
      response.write(content.subarray(from, from + 1000))
      await delay(2)
    }
    response.end()
  },
  /** The same as a stream of events. */
  events: async (task, request, response) => {
    response.setHeader('content-type', 'text/event-stream')
    await plays['drip']?.(task, request, response)
  },
  closing: (task, request, response) => {
    response.setHeader('connection', 'close')
    sendPlain(task, request, response)
  },
  upload: async (_task, request, response) => {
    const hash = createHash('sha256')
    for await (const piece of request) hash.update(piece)
    response.end(hash.digest('hex'))
  },
  /** Closes its connection a moment after the response, without having said so. */
  restless: (task, request, response) => {
    sendPlain(task, request, response)
    setTimeout(() => request.socket.destroy(), 20 + (task.id % 50)).unref()
  },
  early: (_task, _request, response) => {
    response.writeHead(413, { connection: 'close' }).end('too much')
  },
  hang: () => undefined,
  reset: (_task, { socket }) => socket.resetAndDestroy(),
  garbage: (_task, { socket }) => socket.write('\u0000garbage\r\n\r\n'),
  cut: (_task, { socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
  cutchunk: (_task, { socket }) => {
    socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf')
  },
  badchunk: (_task, { socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')
  },
  stall: (_task, { socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
  stallevents: (_task, _request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: half')
  },
  extra: (_task, { socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfourHTTP/1.1 200 OK\r\n\r\nforged')
  },
  large: (_task, { socket }) => {
    socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`)
  },
}

function sayBack(socket: WebSocket): void {
  socket.on('error', ignore)
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
}

function* piecesOf(content: Buffer): Generator<Buffer> {
  for (let from = 0; from < content.length; from += pieceBytes) {
    yield content.subarray(from, from + pieceBytes)
  }
}

function sendPlain({ id, size }: Task, _request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-length', size)
  response.end(contentOf(id, size))
}

function refuse(_task: Task, _request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404).end()
}

function ignore(): void {
  // Connections that break are part of the run.
}
