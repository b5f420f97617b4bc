import { Duplex } from 'node:stream'
import type { BodySink, BodySource, UpgradedStream } from '@gatewright/kernel'

/** The client's end of a connection that has switched protocols. */
export class UpgradedClient extends Duplex {
  readonly #stream: UpgradedStream
  readonly #said = new SaidSource()
  #paused = false

  constructor(stream: UpgradedStream) {
    super({ allowHalfOpen: true })
    this.#stream = stream
    // Whoever waits for the close is told; an error that nobody listens to would end the process.
    this.on('error', () => undefined)
    stream.source.start({
      write: (bytes, start, end) => {
        // The bytes are valid during this call only.
        this.#paused = !this.push(Buffer.from(bytes.subarray(start, end)))
        return !this.#paused
      },
      end: () => void this.push(null),
      fail: (error) => void this.destroy(error instanceof Error ? error : new Error(String(error))),
    })
    stream.connect(this.#said)
  }

  override _read(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#stream.source.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#said.say(chunk, done)
  }

  override _final(done: () => void): void {
    this.#said.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#said.fail(error ?? new Error('the client closed the connection'))
    this.#stream.destroy(error ?? undefined)
    done(error)
  }
}

/** What the client says, one piece after the other. */
class SaidSource implements BodySource {
  readonly length = undefined
  #sink: BodySink | undefined = undefined
  #waiting: (() => void) | undefined = undefined
  #over = false

  start(sink: BodySink): void {
    this.#sink = sink
    this.resume()
  }

  resume(): void {
    const go = this.#waiting
    this.#waiting = undefined
    go?.()
  }

  cancel(): void {
    this.#over = true
    this.resume()
  }

  say(chunk: Buffer, done: (error?: Error) => void): void {
    if (this.#over) return done(new Error('the server takes no more'))
    const sink = this.#sink
    if (sink === undefined) this.#waiting = () => this.say(chunk, done)
    else if (sink.write(chunk, 0, chunk.length)) done()
    else this.#waiting = done
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    this.#sink?.end(undefined)
  }

  fail(error: Error): void {
    if (this.#over) return
    this.#over = true
    this.#sink?.fail(error)
  }
}
