import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http2'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'

/** A server of HTTP/2 that listens. */
export interface Http2Server extends AsyncDisposable {
  readonly port: number
  readonly asked: IncomingHttpHeaders[]
}

/**
 * Starts a server of HTTP/2 that says hello.
 * @param grpcStatus It answers calls of gRPC, with this in its trailers.
 */
export async function startHttp2(grpcStatus?: string): Promise<Http2Server> {
  const asked: IncomingHttpHeaders[] = []
  const sessions = new Set<Disposable>()
  const listener = createServer()
  listener.on('session', (session) => {
    sessions.add({ [Symbol.dispose]: () => session.destroy() })
  })
  listener.on('stream', (stream, headers) => {
    asked.push(headers)
    stream.resume()
    if (grpcStatus === undefined) {
      stream.respond({ ':status': 200 })
      stream.end('hello')
      return
    }
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': grpcStatus }))
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    )
    stream.end()
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  // It listens.
  const { port } = listener.address() as AddressInfo
  return {
    port,
    asked,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session[Symbol.dispose]()
      listener.close()
      await once(listener, 'close')
    },
  }
}

/** Starts a server of TCP that sends back what it gets. */
export async function startTcpEcho(): Promise<AsyncDisposable & { readonly port: number }> {
  const listener = createTcpServer((socket) => socket.on('error', () => undefined).pipe(socket))
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  // It listens.
  const { port } = listener.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      listener.close()
      await once(listener, 'close')
    },
  }
}

/** A server of UDP that sends back what it gets. */
interface UdpEcho extends AsyncDisposable {
  readonly port: number
  /** Sends a datagram somewhere, and waits for the one that comes back. */
  readonly ask: (port: number, text: string) => Promise<string>
}

/** Starts one. */
export async function startUdpEcho(): Promise<UdpEcho> {
  const echo = createSocket('udp4')
  echo.on('message', (bytes, { port, address }) => echo.send(bytes, port, address))
  echo.bind(0, '127.0.0.1')
  await once(echo, 'listening')
  return {
    port: echo.address().port,
    async ask(port, text) {
      const client = createSocket('udp4')
      client.send(text, port, '127.0.0.1')
      const [bytes] = await once(client, 'message')
      client.close()
      return String(bytes)
    },
    async [Symbol.asyncDispose]() {
      echo.close()
      await once(echo, 'close')
    },
  }
}
