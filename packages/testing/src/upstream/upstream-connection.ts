import type { Socket } from 'node:net'
import { isGatewayError } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import { readBody } from '../wire/body.ts'
import { parseRequestLine, readHead, requestFraming } from '../wire/head.ts'
import { SocketReader } from '../wire/socket-reader.ts'
import { head as headBytes, type Reply, type UpstreamExchange } from './reply.ts'
import { UpstreamRequest } from './upstream-request.ts'

/** What a connection asks of its upstream. */
export interface ConnectionOwner {
  /** A request head has arrived; resolves with what to do. */
  receive(request: UpstreamRequest, readBody: () => Promise<void>): PromiseLike<Reply>
  /** The other side, or a reply of the test, did what it must not. */
  report(error: unknown): void
}

/** The upstream's end of one connection. */
export class UpstreamConnection {
  readonly #id: number
  readonly #socket: Socket
  readonly #reader: SocketReader
  readonly #owner: ConnectionOwner
  /** True once what follows is no HTTP/1.1. */
  #takenOver = false

  constructor(id: number, socket: Socket, owner: ConnectionOwner) {
    this.#id = id
    this.#socket = socket
    this.#reader = new SocketReader(socket)
    this.#owner = owner
    socket.setNoDelay(true)
  }

  /** Answers requests until the connection ends. Never rejects. */
  async serve(): Promise<void> {
    try {
      while (await this.#serveNext()) continue
    } catch (error) {
      this.#refuse(error)
    }
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** False when the connection is to be closed. */
  async #serveNext(): Promise<boolean> {
    const reader = this.#reader
    const head = await readHead(reader)
    if (head === undefined) return false
    const line = parseRequestLine(head.startLine)
    const framing = requestFraming(head, line)
    const request = new UpstreamRequest(this.#id, head, line, reader.ended)
    let reading: Promise<void> | undefined
    const readOnce = (): Promise<void> => {
      reading ??= readBody(reader, framing, (bytes) => request.take(bytes)).then((trailers) =>
        request.finish(trailers),
      )
      return reading
    }
    try {
      if (!(await this.#play(request, readOnce))) return false
      if (this.#takenOver || this.#socket.writableEnded || this.#socket.destroyed) return false
      await readOnce()
      return isPersistent(request)
    } finally {
      request.abort()
    }
  }

  /** False if the other side went away first: a reply may wait for what no longer comes. */
  async #play(request: UpstreamRequest, readOnce: () => Promise<void>): Promise<boolean> {
    const exchange = this.#exchange(request, readOnce)
    const play = async (): Promise<true> => {
      const chosen = await this.#owner.receive(request, exchange.readBody)
      await chosen.play(exchange)
      return true
    }
    const played = play()
    const gone = exchange.gone.then(() => false)
    const done = await Promise.race([played, gone])
    if (!done) played.catch((error: unknown) => this.#refuse(error))
    return done
  }

  #exchange(request: UpstreamRequest, readOnce: () => Promise<void>): UpstreamExchange {
    const socket = this.#socket
    const reader = this.#reader
    let written = false
    const write = async (bytes: string | Uint8Array): Promise<void> => {
      written = true
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      socket.write(bytes, (error) => {
        if (error == null) resolve()
        else reject(errors.GW_TESTING_CONNECTION_LOST({ how: error.message, unread: 'nothing' }))
      })
      return promise
    }
    return {
      request,
      gone: reader.ended,
      write,
      readBody: async () => {
        const expected = request.headers['expect']?.toLowerCase() === '100-continue'
        if (expected && !written && reader.unread === 0) await write(headBytes(100, []))
        await readOnce()
      },
      pause: () => reader.pause(),
      resume: () => reader.resume(),
      takeOver: () => {
        this.#takenOver = true
      },
      read: () => reader.readSome(),
      end: () => socket.end(),
      reset: () => socket.resetAndDestroy(),
    }
  }

  #refuse(error: unknown): void {
    const code = isGatewayError(error) ? error.code : undefined
    // The other side may go whenever it likes.
    if (code === 'GW_TESTING_CONNECTION_LOST') return
    this.#owner.report(error)
    if (code === 'GW_TESTING_WIRE') this.#socket.write(headBytes(400, ['content-length', '0']))
    else this.#socket.destroy()
  }
}

function isPersistent(request: UpstreamRequest): boolean {
  const options = (request.headers['connection'] ?? '').toLowerCase().split(/[\t ]*,[\t ]*/)
  return request.version === '1.1' && !options.includes('close')
}
