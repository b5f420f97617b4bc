// The service behind the example gateway: says what it was asked.
import { once } from 'node:events'
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end(`upstream got ${request.method} ${request.url}\n`)
})
server.listen(Number(process.env.UPSTREAM_PORT ?? 8001), '127.0.0.1')
await once(server, 'listening')

/** Where the service is: `http://127.0.0.1:8001`. */
export const url = `http://127.0.0.1:${server.address().port}`
