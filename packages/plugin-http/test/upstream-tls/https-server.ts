import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket, TlsOptions } from 'node:tls'

/** A real HTTPS server of HTTP/1.1. */
export interface HttpsServer extends AsyncDisposable {
  readonly url: string
  /** One for each connection that came to an end of its handshake: whether it resumed a session. */
  readonly handshakes: readonly ('full' | 'resumed')[]
}

/**
 * Starts it. `/digest` answers with the SHA-256 of the body; `/bytes/<n>` with that many bytes and
 * their digest in `x-digest`, all others with what was asked.
 * @param host In its URL.
 */
export async function startHttps(options: TlsOptions, host = '127.0.0.1'): Promise<HttpsServer> {
  const handshakes: ('full' | 'resumed')[] = []
  const server = createServer(options, (request, response) => {
    void answer(request, response)
  })
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => open.add(socket))
  server.on('secureConnection', (socket: TLSSocket) => {
    handshakes.push(socket.isSessionReused() ? 'resumed' : 'full')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // It listens on TCP.
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) socket.destroy()
    await closed
  }
  return { url: `https://${host}:${port}`, handshakes, [Symbol.asyncDispose]: stop }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '', method } = request
  const size = /^\/bytes\/(\d+)$/.exec(url)?.[1]
  const hash = createHash('sha256')
  for await (const chunk of request) hash.update(chunk)
  if (size !== undefined) return sendBytes(response, Number(size))
  if (url === '/digest') return void response.end(hash.digest('hex'))
  // Every connection of the server is one over TLS.
  const client = (request.socket as TLSSocket).getPeerX509Certificate()?.subject
  response.end(JSON.stringify({ method, url, host: request.headers.host, client }))
}

function sendBytes(response: ServerResponse, size: number): void {
  const piece = Buffer.alloc(64 * 1024, 'gatewright')
  const hash = createHash('sha256')
  for (let left = size; left > 0; left -= piece.length) hash.update(piece.subarray(0, left))
  response.writeHead(200, { 'content-length': size, 'x-digest': hash.digest('hex') })
  let left = size
  const go = (): void => {
    while (left > 0) {
      const next = piece.subarray(0, left)
      left -= next.length
      if (!response.write(next)) return
    }
    response.end()
  }
  response.on('drain', go)
  go()
}
