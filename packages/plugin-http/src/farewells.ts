import type { Socket } from 'node:net'
import { type Deadlines, statusLine, type Timed } from '@gatewright/http1'
import { type GatewayError, problemResponse } from '@gatewright/kernel'

/** How long a refused client has to read why, whatever it does meanwhile. */
const patienceMs = 1000
/** How many clients may have that time at once. The others have to be quick. */
const maxPatience = 128

/** Tells clients whose connection is refused why. */
export class Farewells {
  readonly #deadlines: Deadlines
  readonly #sockets = new Set<Socket>()

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines
  }

  /** Refused connections that are still open. */
  get size(): number {
    return this.#sockets.size
  }

  /**
   * Answers a request that nobody waits for, and closes. To close with bytes unread would reset the
   * connection, and some systems then forget the answer (RFC 9112 section 9.6); so what the client
   * sends is thrown away for a moment.
   */
  say(socket: Socket, error: GatewayError): void {
    const answer = answerOf(error)
    if (this.#sockets.size >= maxPatience) {
      socket.write(answer)
      socket.destroySoon()
      return
    }
    this.#sockets.add(socket)
    const farewell = new Farewell(socket)
    this.#deadlines.add(farewell)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#deadlines.remove(farewell)
    })
    socket.unref()
    socket.end(answer)
    socket.resume()
  }
}

/** A refused connection that ends by itself, or is ended. */
class Farewell implements Timed {
  readonly dueAt: number = performance.now() + patienceMs
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  expire(): void {
    this.#socket.destroy()
  }
}

function answerOf(error: GatewayError): string {
  const { status, headers, body } = problemResponse(error)
  // What renders problems makes text.
  const text = typeof body === 'string' ? body : ''
  const fields = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const framing = `content-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n`
  return `${statusLine(status).toString('latin1')}${fields}${framing}${text}`
}
