import type { Scope } from '@gatewright/kernel'
import { pino } from 'pino'

type Stream = ReturnType<typeof pino.destination>

const descriptors: Readonly<Record<string, number>> = { stdout: 1, stderr: 2 }

/** Where the lines go. Nobody waits for it: what does not fit into its buffer is dropped. */
export class Destination implements Disposable {
  /** Lines that were dropped. */
  dropped = 0
  readonly #output: string
  readonly #bufferBytes: number
  readonly #log: Scope['log']
  readonly #onReopen = (): void => this.reopen()
  #stream: Stream | undefined = undefined
  /** It was told that lines are dropped. */
  #told = false

  /** @param output `stdout`, `stderr` or an absolute path. */
  constructor(output: string, bufferBytes: number, log: Scope['log']) {
    this.#output = output
    this.#bufferBytes = bufferBytes
    this.#log = log
  }

  /** To be called once a configuration that has it is active; again without effect. */
  open(): void {
    if (this.#stream !== undefined) return
    const output = this.#output
    const stream = pino.destination({
      dest: descriptors[output] ?? output,
      sync: false,
      mkdir: true,
      append: true,
      minLength: 4096,
      // What is written now and then is not to wait for company.
      periodicFlush: 1000,
      maxLength: this.#bufferBytes,
    })
    stream.on('drop', () => this.#drop())
    stream.on('write', () => {
      this.#told = false
    })
    stream.on('error', (error: unknown) => {
      this.#log.error({ err: error, output }, 'the access log cannot be written')
    })
    this.#stream = stream
    if (this.#isFile) process.on('SIGUSR1', this.#onReopen)
  }

  write(line: string): void {
    this.#stream?.write(line)
  }

  /** Opens its file again, whatever has become of the old one. */
  reopen(): void {
    if (this.#isFile) this.#stream?.reopen()
  }

  /** Writes what waits. */
  flush(): void {
    this.#stream?.flush()
  }

  [Symbol.dispose](): void {
    process.off('SIGUSR1', this.#onReopen)
    const stream = this.#stream
    this.#stream = undefined
    // Standard streams belong to the process.
    if (this.#isFile) stream?.end()
    else stream?.flush()
  }

  get #isFile(): boolean {
    return descriptors[this.#output] === undefined
  }

  #drop(): void {
    this.dropped++
    if (this.#told) return
    this.#told = true
    this.#log.warn('the access log is written too slowly; lines are dropped and counted')
  }
}
