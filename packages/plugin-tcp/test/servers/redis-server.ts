import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createInterface } from 'node:readline'

const tries = 5

/** A real Redis of a test's own, which keeps nothing. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string
  /** Ends it at once, and resets its connections. */
  kill(): Promise<void>
}

/** Starts a Redis that ends with the test. */
export async function startRedis(): Promise<RedisServer> {
  for (let left = tries; left > 0; left--) {
    const port = await unusedPort()
    const child = await tryStart(port)
    // Somebody else may have taken the port.
    if (child === undefined) continue
    const kill = async (): Promise<void> => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    }
    return { url: `tcp://127.0.0.1:${port}`, kill, [Symbol.asyncDispose]: kill }
  }
  throw new Error(`redis-server did not start in ${tries} tries`)
}

async function tryStart(port: number): Promise<ChildProcess | undefined> {
  const options = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const child = spawn('redis-server', ['--port', String(port), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // Rejects if there is no such program.
  await once(child, 'spawn')
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('eady to accept connections')) continue
    child.stdout.resume()
    return child
  }
  return undefined
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Bound to a TCP port, so it has an AddressInfo.
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
