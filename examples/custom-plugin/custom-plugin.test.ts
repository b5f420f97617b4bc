import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const command = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

describe('the custom plugin', () => {
  it.each(['gateway.hcl', 'gateway-js.hcl'])('%s greets on every response', async (file) => {
    const server = createServer((_request, response) => response.end('from the server'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // Bound to a TCP port, so it has an AddressInfo.
    const { port } = server.address() as AddressInfo
    const child = start(file, `http://127.0.0.1:${port}`)

    const address = await listening(child)
    const response = await fetch(`http://${address}/`, { headers: { connection: 'close' } })
    const body = await response.text()
    child.kill('SIGTERM')
    const [code] = await once(child, 'close')
    server.close()
    server.closeAllConnections()

    expect(response.headers.get('x-hello')).toBe('good day')
    expect(body).toBe('from the server')
    expect(code).toBe(0)
  })
})

function start(file: string, server: string): ChildProcess {
  const config = fileURLToPath(new URL(file, import.meta.url))
  const args = [command, '--json', '--config', config, '--listen', '127.0.0.1:0']
  return spawn(process.execPath, args, {
    env: { ...process.env, SERVER: server },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 25_000,
  })
}

/** Where it says that it listens, once it is ready. */
async function listening(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('there is no output')
  let address = ''
  for await (const line of createInterface({ input: child.stdout })) {
    address = /"msg":"listening"/.test(line) ? readAddress(line) : address
    if (/"msg":"ready"/.test(line)) break
  }
  child.stdout.resume()
  return address
}

function readAddress(line: string): string {
  // The line says that it has one.
  return (JSON.parse(line) as { readonly address: string }).address
}
