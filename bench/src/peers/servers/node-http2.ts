/**
 * HTTP/2 by `node:http2`, upstream requests by undici's `stream`.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { createSecureServer, type IncomingHttpHeaders } from 'node:http2'
import { type Dispatcher, Pool } from 'undici'
import { readAddresses } from './addresses.ts'

const { port, host, upstream, certificate, key } = readAddresses()
const pool = new Pool(upstream, { connections: 512, pipelining: 1 })
const files = { cert: readFileSync(certificate), key: readFileSync(key) }

createSecureServer(files, (incoming, response) => {
  const { method } = incoming
  const options: Dispatcher.RequestOptions = {
    path: incoming.url,
    method,
    headers: forwardedHeaders(incoming.headers, incoming.socket.remoteAddress ?? ''),
    body: method === 'GET' ? null : incoming,
  }
  pool.stream(
    options,
    ({ statusCode, headers }) => {
      delete headers['connection']
      delete headers['keep-alive']
      response.writeHead(statusCode, headers)
      return response
    },
    (error) => {
      if (error !== null) response.stream.destroy()
    },
  )
}).listen(port, host, 1024)

function forwardedHeaders(
  headers: IncomingHttpHeaders,
  address: string,
): Record<string, string | string[] | undefined> {
  const forwarded: Record<string, string | string[] | undefined> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(':')) forwarded[name] = value
  }
  return { ...forwarded, host: headers[':authority'], 'x-forwarded-for': address }
}
