/**
 * The quickest proxy that `node:http` and undici's `stream` give: one pool, headers as they are.
 *
 * @module
 */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { type Dispatcher, Pool } from 'undici'
import { readAddresses } from './addresses.ts'

const { port, host, upstream } = readAddresses()
const pool = new Pool(upstream, { connections: 512, pipelining: 1 })

createServer((incoming, response) => {
  const { url: path = '/', headers, socket } = incoming
  // Node has parsed it; undici refuses methods that it does not know.
  const method = incoming.method as Dispatcher.HttpMethod
  const options: Dispatcher.RequestOptions = {
    path,
    method,
    // The client may be gone already, and then it has no address.
    headers: forwardedHeaders(headers, socket.remoteAddress ?? ''),
    body: method === 'GET' ? null : incoming,
  }
  pool.stream(
    options,
    ({ statusCode, headers: answered }) => {
      delete answered['connection']
      delete answered['keep-alive']
      return response.writeHead(statusCode, answered)
    },
    (error) => {
      if (error !== null) response.destroy()
    },
  )
}).listen(port, host, 1024)

function forwardedHeaders(headers: IncomingHttpHeaders, address: string): IncomingHttpHeaders {
  delete headers.connection
  headers['x-forwarded-for'] = address
  return headers
}
