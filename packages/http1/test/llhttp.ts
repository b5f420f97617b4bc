/**
 * What the parser of node:http (llhttp) reads, without a socket.
 *
 * @module
 */
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http'
import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'

/** One message as llhttp read it. */
export interface Read {
  /** `GET /path` or `200 OK`. */
  start: string
  fields: string[]
  body: string
  trailers: string[]
  complete: boolean
}

/** The other end of a connection that never existed. */
class Pipe extends Duplex {
  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done()
  }
}

class PipeAgent extends Agent {
  readonly #pipe: Pipe

  constructor(pipe: Pipe) {
    super()
    this.#pipe = pipe
  }

  override createConnection(): Pipe {
    return this.#pipe
  }
}

/** The requests that node:http reads from each of the byte strings. */
export async function readRequests(texts: readonly string[]): Promise<Read[][]> {
  const reads = new Map<unknown, Read[]>()
  const server = createServer((message, response) => {
    const read = note(message, `${message.method} ${message.url}`)
    reads.get(message.socket)?.push(read)
    message.on('end', () => response.end())
  })
  // What comes after a fault does not count, but what came before must still be delivered.
  server.on('clientError', () => undefined)
  const pipes = texts.map((text) => connect(server, text, reads))
  await settle()
  for (const pipe of pipes) pipe.destroy()
  return pipes.map((pipe) => reads.get(pipe) ?? [])
}

/** The response to a request that node:http reads from each of the byte strings. */
export async function readResponses(
  texts: readonly string[],
  method: 'GET' | 'HEAD' = 'GET',
): Promise<(Read | undefined)[]> {
  const reads: (Read | undefined)[] = texts.map(() => undefined)
  const pipes = texts.map((text, i) => {
    const pipe = new Pipe()
    const call = request({ agent: new PipeAgent(pipe), host: 'a', method })
    call.on('error', () => undefined)
    call.on('response', (message) => {
      reads[i] = note(message, `${message.statusCode} ${message.statusMessage}`)
    })
    call.end()
    pipe.push(Buffer.from(text, 'latin1'))
    pipe.push(null)
    return pipe
  })
  await settle()
  for (const pipe of pipes) pipe.destroy()
  return reads
}

function connect(server: Server, text: string, reads: Map<unknown, Read[]>): Pipe {
  const pipe = new Pipe()
  reads.set(pipe, [])
  server.emit('connection', pipe)
  pipe.push(Buffer.from(text, 'latin1'))
  return pipe
}

function note(message: IncomingMessage, start: string): Read {
  const read: Read = {
    start,
    fields: lowerNames(message.rawHeaders),
    body: '',
    trailers: [],
    complete: false,
  }
  message.on('error', () => undefined)
  message.on('data', (chunk: Buffer) => {
    read.body += chunk.toString('latin1')
  })
  message.on('end', () => {
    read.trailers = lowerNames(message.rawTrailers)
    read.complete = message.complete
  })
  return read
}

function lowerNames(fields: readonly string[]): string[] {
  return fields.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text))
}

/** Streams without sockets need a few turns of the loop, and nothing else. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}
