/** Bodies that do not end well, for tests. */
import type { BodySink, BodySource } from '@gatewright/kernel'

/** Gives some bytes and never goes on. */
export class OpenSource implements BodySource {
  readonly length = undefined
  cancelled = false
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  start(sink: BodySink): void {
    sink.write(this.#bytes, 0, this.#bytes.length)
  }

  resume(): void {
    // There is no more.
  }

  cancel(): void {
    this.cancelled = true
  }
}

/** Gives some bytes and breaks off. */
export class BrokenSource implements BodySource {
  readonly length = undefined
  readonly #bytes: Buffer
  readonly #error: unknown

  constructor(bytes: Buffer, error: unknown) {
    this.#bytes = bytes
    this.#error = error
  }

  start(sink: BodySink): void {
    sink.write(this.#bytes, 0, this.#bytes.length)
    sink.fail(this.#error)
  }

  resume(): void {
    // There is no more.
  }

  cancel(): void {
    // It has ended.
  }
}
