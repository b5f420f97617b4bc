import type { BodySink, BodySource, HeaderList } from '@gatewright/kernel'

/** Marks a frame of trailers. */
const trailersFlag = 0x80

/**
 * The body of a call for a browser, which cannot read trailers: they come as the last frame. In
 * base64 each piece is encoded by itself, so that nothing of a message waits for the next one.
 */
export class WebBody implements BodySource, BodySink {
  readonly length = undefined
  readonly #source: BodySource
  readonly #text: boolean
  #sink: BodySink | undefined = undefined
  #complete = false

  constructor(source: BodySource, text: boolean) {
    this.#source = source
    this.#text = text
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#source.start(this)
  }

  resume(): void {
    if (this.#complete) this.#finish()
    else this.#source.resume()
  }

  cancel(error?: unknown): void {
    this.#sink = undefined
    if (!this.#complete) this.#source.cancel(error)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.#text) return this.#sink?.write(bytes, start, end) ?? false
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    const encoded = Buffer.from(piece.toString('base64'), 'latin1')
    return this.#sink?.write(encoded, 0, encoded.length) ?? false
  }

  end(trailers: HeaderList | undefined): void {
    this.#complete = true
    const frame = frameOf(trailers)
    if (this.write(frame, 0, frame.length)) this.#finish()
  }

  fail(error: unknown): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.fail(error)
  }

  #finish(): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.end(undefined)
  }
}

/** Trailers as lines of a header, with their length in front. */
function frameOf(trailers: HeaderList | undefined): Buffer {
  let lines = ''
  for (const [name, value] of trailers ?? []) lines += `${name}:${value}\r\n`
  const frame = Buffer.allocUnsafe(5 + lines.length)
  frame[0] = trailersFlag
  frame.writeUInt32BE(lines.length, 1)
  frame.write(lines, 5, 'latin1')
  return frame
}
