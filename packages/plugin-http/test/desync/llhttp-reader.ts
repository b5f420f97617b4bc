import { createServer, type IncomingMessage, METHODS } from 'node:http'
import { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** The gateway adds some fields to heads that are as large as they may be. */
const maxHeaderSize = 32 * 1024

/** The other end of a connection that never existed. */
class Pipe extends Duplex {
  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done()
  }
}

interface Read {
  readonly message: IncomingMessage
  body: string
  trailers: string
}

/** Whether llhttp knows the method of a summary. Any token may be one; it has a closed list. */
export function isKnownToLlhttp(summary: string): boolean {
  return METHODS.includes(summary.split(' ')[0] ?? '')
}

/**
 * The whole requests that the parser of node:http finds in some bytes, in the form of `summaryOf`.
 */
export async function readByLlhttp(bytes: string): Promise<string[]> {
  if (bytes === '') return []
  const reads: Read[] = []
  const server = createServer({ maxHeaderSize }, (message, response) => {
    const read: Read = { message, body: '', trailers: '' }
    reads.push(read)
    message.on('error', () => undefined)
    message.on('data', (chunk: Buffer) => {
      read.body += chunk.toString('latin1')
    })
    message.on('end', () => {
      read.trailers = trailersOf(message)
      response.end()
    })
  })
  server.on('checkContinue', () => undefined)
  server.on('clientError', () => undefined)
  const pipe = new Pipe()
  server.emit('connection', pipe)
  pipe.push(Buffer.from(bytes, 'latin1'))
  // Streams without sockets need a few turns of the loop for each message, and nothing else.
  for (let turn = 0; turn < 20; turn++) await nextTurn()
  pipe.destroy()
  return reads.filter(({ message }) => message.complete).map(summaryOf)
}

function summaryOf({ message, body, trailers }: Read): string {
  const content = body === '' ? '' : ` ${body}`
  return `${message.method} ${message.url} ${framingOf(message)}${content}${trailers}`
}

function framingOf({ headers }: IncomingMessage): string {
  if (headers['transfer-encoding'] !== undefined) return 'chunked'
  return headers['content-length'] === undefined ? '-' : 'length'
}

function trailersOf({ rawTrailers }: IncomingMessage): string {
  let text = ''
  for (let i = 0; i < rawTrailers.length; i += 2) {
    text += ` +${rawTrailers[i]?.toLowerCase()}: ${rawTrailers[i + 1]}`
  }
  return text
}
