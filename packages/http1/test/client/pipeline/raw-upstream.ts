import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** A server that sends what it is told to, request or not. The first connection is the shared one. */
export class RawUpstream implements AsyncDisposable {
  readonly connections: RawConnection[] = []
  readonly #server: Server

  /** @param answers Whether connections after the first answer by themselves. */
  constructor(server: Server, answers: boolean) {
    this.#server = server
    server.on('connection', (socket) => {
      const connection = new RawConnection(socket)
      if (this.connections.push(connection) > 1 && answers) connection.answerAll()
    })
  }

  static async start({
    answers = true,
  }: {
    readonly answers?: boolean
  } = {}): Promise<RawUpstream> {
    const server = createServer()
    const upstream = new RawUpstream(server, answers)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return upstream
  }

  get url(): string {
    // Bound to a TCP port, so it has an AddressInfo.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The connection that requests share. */
  get shared(): RawConnection {
    const [first] = this.connections
    if (first === undefined) throw new Error('nobody has connected')
    return first
  }

  /** Targets of the requests on the other connections. */
  get elsewhere(): string[] {
    return this.connections.slice(1).flatMap(({ targets }) => targets)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.connections) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** One connection of such a server. */
export class RawConnection {
  readonly socket: Socket
  /** What each read brought. */
  readonly reads: string[] = []
  readonly requests: string[] = []
  #rest = ''
  #answer: ((target: string, method: string) => void) | undefined = undefined

  constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.#take(text))
  }

  get targets(): string[] {
    return this.requests.map(targetOf)
  }

  /** Answers every request with where it was answered and its target. */
  answerAll(): void {
    this.answer((target, method) => {
      const body = `elsewhere ${target}`
      this.socket.write(method === 'HEAD' ? headOf(body) : ok(body))
    })
  }

  answer(answer: (target: string, method: string) => void): void {
    this.#answer = answer
  }

  #take(text: string): void {
    this.reads.push(text)
    const parts = (this.#rest + text).split('\r\n\r\n')
    this.#rest = parts.pop() ?? ''
    for (const request of parts) {
      this.requests.push(request)
      this.#answer?.(targetOf(request), methodOf(request))
    }
  }
}

/** A whole response. */
export function ok(body: string, status: number = 200): string {
  return headOf(body, status) + body
}

/** What answers HEAD where GET would get that body. */
function headOf(body: string, status: number = 200): string {
  return `HTTP/1.1 ${status} OK\r\ncontent-length: ${body.length}\r\n\r\n`
}

function methodOf(request: string): string {
  return request.split(' ')[0] ?? ''
}

function targetOf(request: string): string {
  return request.split(' ')[1] ?? ''
}
