/**
 * A server that tells everybody who listens what somebody posts.
 *
 * @module
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

const page = `<!doctype html><title>News</title><ul></ul><script>
new EventSource('/events').onmessage = ({ data }) => {
  document.querySelector('ul').append(Object.assign(document.createElement('li'), { textContent: data }))
}
</script>
`

/** A running server. */
export interface Running extends AsyncDisposable {
  readonly url: string
}

/** @param port 0 lets the system choose. */
export async function startServer(port: number): Promise<Running> {
  const told: string[] = []
  const listeners = new Set<ServerResponse>()

  const listen = (request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    // A browser that comes back says what it has heard last.
    const heard = Number(request.headers['last-event-id'] ?? told.length)
    response.write(': welcome\n\n')
    for (const [i, news] of told.entries()) if (i >= heard) response.write(eventOf(i + 1, news))
    listeners.add(response)
    response.on('close', () => listeners.delete(response))
  }

  const tell = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const news = await text(request)
    const id = told.push(news)
    for (const listener of listeners) listener.write(eventOf(id, news))
    response.end(`told ${listeners.size}\n`)
  }

  const server = createServer((request, response) => {
    if (request.method === 'POST') return void tell(request, response)
    if (request.url === '/events') return listen(request, response)
    response.writeHead(200, { 'content-type': 'text/html' }).end(page)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  // Comments keep streams from being taken for dead.
  const heartbeat = setInterval(() => {
    for (const listener of listeners) listener.write(': still here\n\n')
  }, 15_000)
  // It listens on a TCP port, so it has an AddressInfo.
  const address = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      clearInterval(heartbeat)
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function eventOf(id: number, news: string): string {
  const lines = news.split('\n').map((line) => `data: ${line}\n`)
  return `id: ${id}\n${lines.join('')}\n`
}

if (import.meta.main) {
  const { url } = await startServer(Number(process.env['PORT'] ?? 9001))
  console.log(`news on ${url}`)
}
