// The services behind the example gateway: they say what they were asked.
import { once } from 'node:events'
import { createServer } from 'node:http'

const { UPSTREAM_PORT: first = 8001, OTHER_UPSTREAM_PORT: second = 8002 } = process.env

/** Where the service is: `http://127.0.0.1:8001`. */
export const url = await serve('upstream', first)

/** Where another one is, for examples with more than one: `http://127.0.0.1:8002`. */
export const otherUrl = await serve('other upstream', second)

async function serve(name, port) {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/plain; charset=utf-8')
    response.end(`${name} got ${request.method} ${request.url}\n`)
  })
  server.listen(Number(port), '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${server.address().port}`
}
