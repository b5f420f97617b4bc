/** Takes the parts of the messages on one connection. */
export interface MessageSink {
  /** @returns How the body is framed: a length, `chunked` or `untilClose`. */
  onHead(startLine: string, fields: readonly string[]): number
  onData(bytes: Buffer, start: number, end: number): void
  onEnd(trailers: readonly string[]): void
}

/** Framings that are no length. */
export const chunked = -1
export const untilClose = -2

type State = 'head' | 'data' | 'size' | 'chunk' | 'chunkEnd' | 'trailers'

/** Reads one message after the other. Throws at what is none. */
export class MessageReader {
  readonly #sink: MessageSink
  #state: State = 'head'
  #remaining = 0
  #line = ''
  #lines: string[] = []

  constructor(sink: MessageSink) {
    this.#sink = sink
  }

  /** True between messages. */
  get idle(): boolean {
    return this.#state === 'head' && this.#lines.length === 0 && this.#line === ''
  }

  feed(bytes: Buffer): void {
    let from = 0
    while (from < bytes.length) {
      const inData = this.#state === 'data' || this.#state === 'chunk'
      from = inData ? this.#takeData(bytes, from) : this.#takeLine(bytes, from)
    }
  }

  /** The connection ended. */
  finish(): void {
    if (this.#state === 'data' && this.#remaining === Number.POSITIVE_INFINITY) this.#end([])
  }

  #takeData(bytes: Buffer, from: number): number {
    const stop = Math.min(bytes.length, from + this.#remaining)
    this.#remaining -= stop - from
    this.#sink.onData(bytes, from, stop)
    if (this.#remaining > 0) return stop
    if (this.#state === 'chunk') this.#state = 'chunkEnd'
    else this.#end([])
    return stop
  }

  #takeLine(bytes: Buffer, from: number): number {
    const lf = bytes.indexOf(0x0a, from)
    const stop = lf < 0 ? bytes.length : lf + 1
    this.#line += bytes.toString('latin1', from, stop)
    if (this.#line.length > 100_000) throw new Error(`no line: ${this.#line.slice(0, 100)}`)
    if (lf < 0) return stop
    const line = this.#line
    this.#line = ''
    if (!line.endsWith('\r\n')) throw new Error(`line without CR: ${line}`)
    this.#onLine(line.slice(0, -2))
    return stop
  }

  #onLine(line: string): void {
    if (this.#state === 'size') return this.#beginChunk(line)
    if (this.#state === 'chunkEnd') {
      if (line !== '') throw new Error(`chunk ends in ${line}`)
      this.#state = 'size'
      return
    }
    if (line !== '') return void this.#lines.push(line)
    const lines = this.#lines
    this.#lines = []
    if (this.#state === 'trailers') return this.#end(lines)
    const [startLine = '', ...fields] = lines
    this.#beginBody(this.#sink.onHead(startLine, fields))
  }

  #beginBody(framing: number): void {
    if (framing === 0) return this.#end([])
    this.#state = framing === chunked ? 'size' : 'data'
    this.#remaining = framing === untilClose ? Number.POSITIVE_INFINITY : framing
  }

  #beginChunk(line: string): void {
    if (!/^[\da-f]{1,13}$/i.test(line)) throw new Error(`no chunk size: ${line}`)
    this.#remaining = Number.parseInt(line, 16)
    this.#state = this.#remaining === 0 ? 'trailers' : 'chunk'
  }

  #end(trailers: readonly string[]): void {
    this.#state = 'head'
    this.#sink.onEnd(trailers)
  }
}
