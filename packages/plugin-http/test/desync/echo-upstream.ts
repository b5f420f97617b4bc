import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type StrictHead, StrictReader, type StrictRequest, summaryOf } from './strict-reader.ts'

/** What one row made the upstream see. */
export interface Seen {
  /** Whole requests, in the order of their arrival. */
  readonly requests: readonly StrictRequest[]
  /** The bytes of each connection on which something came. */
  readonly bytes: readonly string[]
  /** Connections that ended within a request. */
  readonly cut: number
  /** The connection of each request. */
  readonly sockets: readonly Socket[]
}

/** Answers a request in another way. */
export type Play = (socket: Socket) => void

/** Answers every request with what it was, so that an answer to another request shows. */
export interface EchoUpstream extends AsyncDisposable {
  readonly url: string
  /** Everything since the last call. Rejects if something came that is not canonical. */
  readonly look: () => Promise<Seen>
  /** What answers `/row` from now on. */
  readonly play: (play: Play) => void
  /** Forgets what it has seen, right or wrong. */
  readonly forget: () => Promise<void>
}

/** One connection of the gateway. */
class Connection {
  readonly socket: Socket
  readonly reader = new StrictReader()
  readonly closed: Promise<void>
  bytes = ''
  answered: StrictHead | undefined = undefined

  constructor(socket: Socket) {
    this.socket = socket
    this.closed = closing(socket)
    // The gateway resets what it gave up.
    socket.on('error', () => undefined)
  }
}

/**
 * Starts the upstream of the table. Targets below `/early` are answered before their body is read.
 */
export async function startEchoUpstream(): Promise<EchoUpstream> {
  const connections = new Set<Connection>()
  let requests: StrictRequest[] = []
  let sockets: Socket[] = []
  let play: Play | undefined
  let problem: Error | undefined
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = new Connection(socket)
    connections.add(connection)
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const request of take(connection, chunk.toString('latin1'), play)) {
          requests.push(request)
          sockets.push(socket)
        }
      } catch (error) {
        problem ??= error instanceof Error ? error : new Error(String(error))
        socket.destroy()
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const look = async (): Promise<Seen> => {
    const cut = [...connections].filter(({ reader }) => reader.pending)
    // What is half sent must never be followed by another request.
    await Promise.all(cut.map(({ closed }) => closed))
    const error = problem
    problem = undefined
    const bytes = [...connections].map((connection) => connection.bytes).filter(isSome)
    const seen = { requests, bytes, cut: cut.length, sockets }
    requests = []
    sockets = []
    for (const connection of connections) {
      connection.bytes = ''
      if (connection.socket.closed) connections.delete(connection)
    }
    if (error !== undefined) throw error
    return seen
  }
  return {
    // Bound to a TCP port, so it has an AddressInfo.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    look,
    play: (next) => {
      play = next
    },
    forget: async () => {
      await look().catch(() => undefined)
    },
    async [Symbol.asyncDispose]() {
      for (const { socket } of connections) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Resolves when a connection is no longer there, however it ended. */
export async function closing(socket: Socket): Promise<void> {
  if (socket.closed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once('close', () => resolve())
  await promise
}

/** A few turns of the loop: what was sent within this process has arrived then. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await nextTurn()
}

/** The body of the answer to a request. */
export function echoOf(summary: string): string {
  return `<${summary}>`
}

function take(connection: Connection, text: string, play: Play | undefined): StrictRequest[] {
  const { reader, socket } = connection
  const found: StrictRequest[] = []
  connection.bytes += text
  reader.add(text)
  for (;;) {
    const { head } = reader
    if (head === undefined) return found
    if (head.target.startsWith('/early') && connection.answered !== head) {
      connection.answered = head
      answer(socket, head, `${head.method} ${head.target}`)
    }
    const request = reader.next()
    if (request === undefined) return found
    found.push(request)
    if (head.target === '/row') play?.(socket)
    else if (connection.answered !== head) answer(socket, head, summaryOf(request))
  }
}

function answer(socket: Socket, { method }: StrictHead, summary: string): void {
  const body = Buffer.from(echoOf(summary), 'latin1')
  const head = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`)
  // In one write: Nagle's algorithm would hold back the second one.
  socket.write(method === 'HEAD' ? head : Buffer.concat([head, body]))
}

function isSome(text: string): boolean {
  return text !== ''
}
