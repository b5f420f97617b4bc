import type { BodySink, BodySource, HeaderList } from '@gatewright/kernel'
import { errors } from '../errors.ts'
import { Base64Decoder } from './base64-decoder.ts'

/** A request body that came in base64, as the bytes that it stands for. */
export class DecodedBody implements BodySource, BodySink {
  readonly length = undefined
  readonly #source: BodySource
  readonly #decoder = new Base64Decoder()
  #sink: BodySink | undefined = undefined

  constructor(source: BodySource) {
    this.#source = source
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#source.start(this)
  }

  resume(): void {
    this.#source.resume()
  }

  cancel(error?: unknown): void {
    this.#sink = undefined
    this.#source.cancel(error)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    const decoded = this.#decoder.decode(bytes, start, end)
    if (decoded === undefined) {
      const error = errors.GW_GRPC_WEB_BAD_BASE64()
      this.#source.cancel(error)
      this.fail(error)
      return false
    }
    return decoded.length === 0 || (this.#sink?.write(decoded, 0, decoded.length) ?? false)
  }

  end(trailers: HeaderList | undefined): void {
    const rest = this.#decoder.finish()
    if (rest === undefined) return this.fail(errors.GW_GRPC_WEB_BAD_BASE64())
    const sink = this.#sink
    this.#sink = undefined
    // At most two bytes, of a client that does not pad.
    if (rest.length > 0) sink?.write(rest, 0, rest.length)
    sink?.end(trailers)
  }

  fail(error: unknown): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.fail(error)
  }
}
