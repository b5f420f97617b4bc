import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A real Redis of a test's own, on a socket in a folder of its own. */
export class RedisServer implements AsyncDisposable {
  readonly url: string
  readonly #folder: string
  #process: ChildProcess | undefined = undefined

  constructor(folder: string) {
    this.#folder = folder
    this.url = `unix://${this.path}`
  }

  get path(): string {
    return join(this.#folder, 'redis.sock')
  }

  /** Resolves once it takes connections. */
  async start(): Promise<void> {
    const options = ['--port', '0', '--unixsocket', this.path, '--save', '', '--appendonly', 'no']
    const child = spawn('redis-server', [...options, '--dir', this.#folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    // Rejects if there is no such program.
    await once(child, 'spawn')
    this.#process = child
    const lines = createInterface({ input: child.stdout })
    let output = ''
    for await (const line of lines) {
      output += `${line}\n`
      if (line.includes('eady to accept connections')) {
        child.stdout.resume()
        return
      }
    }
    throw new Error(`redis-server ended:\n${output}`)
  }

  /** Ends it at once; what it knew is gone. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined) return
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }

  /** Stops it in the middle of whatever it does, connections and all. */
  pause(): void {
    this.#process?.kill('SIGSTOP')
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true })
  }
}

/** Starts a Redis that ends with the test. */
export async function startRedis(): Promise<RedisServer> {
  const server = new RedisServer(await mkdtemp(join(tmpdir(), 'gatewright-redis-')))
  try {
    await server.start()
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
  return server
}

/** A way to it over TCP. */
export async function listenOnTcp(server: RedisServer): Promise<{ url: string } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const upstream = connect(server.path)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.pipe(upstream).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `redis://127.0.0.1:${port}/0`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
