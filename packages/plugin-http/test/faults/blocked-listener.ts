import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/** Listens, says where, and then does nothing more, so that nobody is accepted. */
const program = `
  const { createServer } = require('node:net')
  const { parentPort } = require('node:worker_threads')
  const server = createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
  })
`

/** A listener whose queue is full: whoever connects gets no answer. Linux only. */
export class BlockedListener implements AsyncDisposable {
  readonly url: string
  readonly #worker: Worker
  readonly #fillers: readonly Socket[]

  static async start(): Promise<BlockedListener> {
    const worker = new Worker(program, { eval: true })
    // The only message of the program.
    const [port] = (await once(worker, 'message')) as [number]
    const fillers = Array.from({ length: 2 }, () => connect({ host: '127.0.0.1', port }))
    for (const filler of fillers) {
      filler.on('error', () => undefined)
      await once(filler, 'connect')
    }
    return new BlockedListener(worker, fillers, port)
  }

  constructor(worker: Worker, fillers: readonly Socket[], port: number) {
    this.#worker = worker
    this.#fillers = fillers
    this.url = `http://127.0.0.1:${port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const filler of this.#fillers) filler.destroy()
    await this.#worker.terminate()
  }
}
