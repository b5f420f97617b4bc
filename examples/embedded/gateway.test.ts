import { type ChildProcess, spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const program = fileURLToPath(new URL('gateway.ts', import.meta.url))

describe('the embedded gateway', () => {
  it('starts, swaps its configuration, and stops', async () => {
    const server = await startServer()
    const child = start(server)
    const lines = linesOf(child)

    const port = (await lines()).replace('listening on ', '')
    const before = await get(port, '/api/hello')
    child.kill('SIGHUP')
    const reloaded = await lines()
    const after = [await get(port, '/v2/hello'), await get(port, '/api/hello')]
    child.kill('SIGTERM')
    const [code] = await once(child, 'close')
    server.close()
    server.closeAllConnections()

    expect(before).toBe('200 GET /hello')
    expect(reloaded).toBe('running configuration 2')
    expect(after).toEqual(['200 GET /hello', expect.stringMatching(/^404 .+GW_NO_ROUTE/)])
    expect(code).toBe(0)
  })
})

async function startServer(): Promise<Server> {
  const server = createServer(({ method, url }, response) => response.end(`${method} ${url}`))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function start(server: Server): ChildProcess {
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return spawn(process.execPath, [program], {
    env: { ...process.env, LISTEN: '127.0.0.1:0', SERVER: `http://127.0.0.1:${port}` },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 25_000,
  })
}

/** Lines of its output, one for each call. */
function linesOf(child: ChildProcess): () => Promise<string> {
  if (child.stdout === null) throw new Error('there is no output')
  const input = createInterface({ input: child.stdout })
  const lines = on(input, 'line', { close: ['close'] })
  return async () => {
    const { done, value } = await lines.next()
    if (done === true) throw new Error('it ended')
    return String(value)
  }
}

async function get(port: string, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { connection: 'close' },
  })
  return `${response.status} ${await response.text()}`
}
