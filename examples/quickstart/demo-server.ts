import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An upstream that says who it is and what it was asked for. */
export interface DemoServer extends AsyncDisposable {
  readonly url: string
}

/**
 * Starts a demo server on a free port of 127.0.0.1. One that is not reliable answers
 * `/unreliable` with 503.
 */
export async function startDemoServer(name: string, reliable: boolean): Promise<DemoServer> {
  const answer: RequestListener = ({ method, url }, response) => {
    const fails = !reliable && url === '/unreliable'
    response.writeHead(fails ? 503 : 200, { 'content-type': 'text/plain' })
    response.end(`server ${name} got ${method} ${url}\n`)
  }
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
