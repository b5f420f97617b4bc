/**
 * The proxy that people write with `node:http` alone: one request out for each one in, piped.
 *
 * @module
 */
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'

const agent = new Agent({ keepAlive: true, maxFreeSockets: 1024 })

/** Returns what passes on every request to the upstream. */
export function forwardTo(
  upstream: string,
): (incoming: IncomingMessage, response: ServerResponse) => void {
  return (incoming, response) => {
    const { method, url = '/', headers, socket } = incoming
    const outgoing = request(upstream, {
      agent,
      path: url,
      ...(method !== undefined && { method }),
      // The client may be gone already, and then it has no address.
      headers: {
        ...headers,
        'x-forwarded-for': socket.remoteAddress ?? '',
        connection: 'keep-alive',
      },
    })
    outgoing.on('response', (answer) => {
      if (response.destroyed) return answer.resume()
      response.writeHead(answer.statusCode ?? 502, withoutConnection(answer.headers))
      pipeline(answer, response, () => {})
    })
    outgoing.on('error', () => response.destroy())
    if (method === 'GET') outgoing.end()
    else pipeline(incoming, outgoing, () => {})
  }
}

function withoutConnection<H extends { connection?: unknown }>(headers: H): H {
  delete headers.connection
  return headers
}
