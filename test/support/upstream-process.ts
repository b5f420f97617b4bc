import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../fixtures/upstream.ts', import.meta.url))

/** An upstream server in a process of its own, which can die like one. */
export class UpstreamProcess implements AsyncDisposable {
  #child: ChildProcess | undefined
  #port = 0

  /** Starts it. */
  static async start(): Promise<UpstreamProcess> {
    const upstream = new UpstreamProcess()
    await upstream.start()
    return upstream
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Starts it again, on the port that it had. */
  async start(): Promise<void> {
    const child = fork(program, [String(this.#port)])
    this.#child = child
    const ended = once(child, 'exit').then(() => {
      throw new Error('the upstream ended before it listened')
    })
    const [address] = await Promise.race([once(child, 'message'), ended])
    // What the program sends.
    this.#port = (address as { readonly port: number }).port
  }

  /** Ends it with SIGKILL, whatever it is doing. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  /** Requests since it was started. */
  async served(): Promise<number> {
    const response = await fetch(`${this.url}/served`)
    return Number(await response.text())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}
