/** The servers that the example needs: three of the shop, one that stands by, and a new version. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of the example. */
export interface ExampleServer extends AsyncDisposable {
  readonly url: string
}

const reportMs = 200

if (import.meta.main) {
  for (const [index, name] of ['A', 'B', 'C', 'standby', 'next'].entries()) {
    await startServer(name, 8001 + index)
  }
  console.log('the servers are ready; Ctrl+C ends them')
}

/**
 * Starts a server that says what it was asked for. `/api/unreliable` fails on B, `/beta` is there
 * in the next version only, and `/reports` takes a while. `PUT /sick` and `PUT /well` tell the
 * server how it is, and `/seen` how many requests it got beside those and probes.
 */
export async function startServer(name: string, port: number): Promise<ExampleServer> {
  let seen = 0
  let sick = false
  let reports = 0
  const server = createServer(({ method, url = '' }, response) => {
    if (method === 'PUT' && /^\/(sick|well)$/.test(url)) {
      sick = url === '/sick'
      return response.end(`${name} is ${sick ? 'sick' : 'well'}\n`)
    }
    if (url === '/seen') return response.end(`${seen}\n`)
    if (url === '/healthz') return end(response, sick ? 503 : 200, '')
    seen++
    if (!url.startsWith('/reports')) {
      return end(response, sick ? 503 : statusOf(name, url), `${name} got ${method} ${url}\n`)
    }
    const text = `${name} made ${++reports} at once\n`
    return setTimeout(() => {
      reports--
      response.end(text)
    }, reportMs)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const address = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function statusOf(name: string, url: string): number {
  if (url.startsWith('/api/unreliable') && name === 'B') return 503
  return url.startsWith('/beta') && name !== 'next' ? 404 : 200
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text)
}
